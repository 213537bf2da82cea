import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
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

test("a lost live connection is shown", async () => {
  await act(() => i18n.changeLanguage("en"));
  show();
  act(() => Events.last.onerror());
  expect(await screen.findByText("connection lost, trying again")).toBeTruthy();
});
