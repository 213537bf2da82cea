import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { App } from "./App";
import i18n from "./i18n";

const status = {
  version: "0.1.0",
  county: { code: "430624", name: { zh: "湘阴县", en: "Xiangyin" }, timezone: "Asia/Shanghai" },
  demo: true,
  synthetic: true,
  now: "2026-01-01T00:00:00Z",
  started_at: null,
  rotation: { cameras: 3, due: 0, late: 1, away: 1, running: 0, worst_gap_s: 95, load: 1.2, warning: "load 1.2" },
  counts: [],
  model: null,
  broker_connected: false,
  problems: { broker: "no connection" },
};

class Events {
  static last: Events;
  onopen = () => {};
  onerror = () => {};
  addEventListener() {}
  close() {}
  constructor() {
    Events.last = this;
  }
}

beforeEach(() => {
  vi.stubGlobal("EventSource", Events);
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) =>
      request.url.endsWith("/status")
        ? Response.json(status)
        : Response.json({ title: "Service Unavailable", detail: "the store does not answer" }, { status: 503 }),
    ),
  );
});

function show() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}

test("synthetic pictures, problems, warnings and a missing model are on the board, in both languages", async () => {
  await act(() => i18n.changeLanguage("zh"));
  show();
  expect(await screen.findByText("合成画面（演示）")).toBeTruthy();
  expect(screen.getByText("消息服务: no connection")).toBeTruthy();
  expect(screen.getByText("预警: load 1.2")).toBeTruthy();
  expect(screen.getByText(/无目标模型/)).toBeTruthy();
  await act(() => i18n.changeLanguage("en"));
  expect(await screen.findByText("SYNTHETIC pictures (demo)")).toBeTruthy();
  expect(screen.getByText(/congestion and fishing are not judged/)).toBeTruthy();
});

test("a table that cannot be read says why", async () => {
  await act(() => i18n.changeLanguage("en"));
  show();
  expect(await screen.findByText("the store does not answer")).toBeTruthy();
});

test("clear looks that wait for people are shown with what was found before", async () => {
  await act(() => i18n.changeLanguage("zh"));
  const file = { role: "key_frame", media_type: "image/jpeg", sha256: "a".repeat(64), bytes: 1, url: "/evidence/x.jpg" };
  const spotChecks = {
    waiting: [{ id: 7, visit: "v", camera: "c1", camera_name: "滨江广场", at: "2026-01-01T00:00:00Z", evidence: [file] }],
    figures: { drawn: 5, answered: 4, unclear: 0, overlooked: 1, share: 0.25, low: 0.0456, high: 0.6994 },
  };
  vi.mocked(fetch).mockImplementation(async (request) => Response.json((request as Request).url.includes("spot-checks") ? spotChecks : (request as Request).url.endsWith("/status") ? status : { items: [] }));
  show();
  fireEvent.click(await screen.findByRole("tab", { name: "抽查" }));
  expect(await screen.findByText(/漏检率 25.0 %（95 % 区间 4.6 % 至 69.9 %）/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /expand|展开/i }));
  expect((await screen.findByRole("img", { name: "关键帧" })).getAttribute("src")).toBe("/evidence/x.jpg");
  expect(screen.getByText("patrol ledger check 7 --answer clear")).toBeTruthy();
});

test("who has not answered is shown with whom was called, and telephones are links", async () => {
  await act(() => i18n.changeLanguage("zh"));
  const matter = {
    id: 1,
    incident: "i",
    department: "traffic_police",
    department_name: { zh: "交警大队", en: "Traffic police" },
    role: "primary",
    route: "r",
    kind: "congestion",
    state: "received",
    opened_at: "2026-01-01T00:00:00Z",
    received_by: "2026-01-01T00:02:00Z",
    accepted_by: "2026-01-01T00:05:00Z",
    on_scene_by: "2026-01-01T00:40:00Z",
    disposed_by: "2026-01-01T08:00:00Z",
    due_at: "2026-01-01T00:08:00Z",
    rung: 1,
    closed_at: null,
    closed_because: null,
    summary: "大桥路：发现道路拥堵",
    case: { number: "XYZ-2026-0001", system_department: "cases", stage: "局长批示", light: "red", at: "2026-01-01T00:00:00Z" },
    contacts: [{ name: "值班室", phone: "0730-220 0110" }],
    escalations: [{ at: "2026-01-01T00:05:00Z", step: "accepted", rung: 1, who: "shift_lead", whom: "王班长", phone: null, alert: null, because: "…" }],
  };
  vi.mocked(fetch).mockImplementation(async (request) => Response.json((request as Request).url.includes("dispatches") ? [matter] : (request as Request).url.endsWith("/status") ? status : { items: [] }));
  show();
  fireEvent.click(await screen.findByRole("tab", { name: "派警" }));
  expect((await screen.findByRole("link", { name: "0730-220 0110" })).getAttribute("href")).toBe("tel:07302200110");
  expect(screen.getByText("超时: 未受理")).toBeTruthy();
  expect(screen.getByText("王班长")).toBeTruthy();
  expect(screen.getByText(/XYZ-2026-0001/).textContent).toBe("XYZ-2026-0001 红灯局长批示");
});

test("a lost live connection is shown", async () => {
  await act(() => i18n.changeLanguage("en"));
  show();
  act(() => Events.last.onerror());
  expect(await screen.findByText("connection lost, trying again")).toBeTruthy();
});
