import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { client, read } from "../api/client";
import i18n from "../i18n";
import { homeOf, pages } from "./pages";
import { Events, answering, operator, problem, show } from "./testing";

const status = {
  version: "0.1.0",
  county: operator.county,
  demo: true,
  synthetic: true,
  now: "2026-01-01T00:00:00Z",
  started_at: null,
  rotation: { cameras: 3, due: 0, late: 1, away: 1, running: 0, worst_gap_s: 95, load: 1.2, warning: "load 1.2" },
  counts: [],
  model: null,
  broker_connected: false,
  problems: { broker: "no connection" },
  department_names: {},
};
const looks = { names: "n", key: ["gate"], camera: ["gate"], name: ["东门"], category: [0], platform: [0], division: [-1], period_s: [7200], categories: [{ key: "road", name: { zh: "道路", en: "Road" } }], platforms: [], divisions: [] };
const board = {
  names: "n", version: "n.1", whole: true, now: 0, row: null, state: [0], deadline: [60], inspected: [null], outcome: [-1], cause: [-1], failures: [0], ended: [null],
  away_since: [null], states: ["waiting"], outcomes: ["inspected"], causes: [],
};
const inside = {
  "GET /api/v1/me": operator, "GET /api/v1/status": status, "GET /api/v1/rotation/board": looks, "GET /api/v1/rotation/board/states": board,
  "GET /api/v1/misses/figures": { unsigned: 0 },
};
const outside = { "GET /api/v1/me": problem(401, "sign in"), "GET /api/v1/session/ways": { password: true, oidc: null, demo_roles: ["operator", "auditor"] } };

function type(label: string, value: string) {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
}

beforeEach(async () => {
  await act(() => i18n.changeLanguage("zh"));
});

test("who is not signed in sees the sign-in, and a wrong password is said", async () => {
  answering({ ...outside, "POST /api/v1/session": problem(401, "no") });
  show("/rotation");
  await screen.findByRole("heading", { name: "登录" });
  type("账号", "li");
  type("密码", "wrong");
  fireEvent.click(screen.getByRole("button", { name: "登录" }));
  expect(await screen.findByText("账号或密码不正确。")).toBeTruthy();
});

test("a lock-out counts down and opens the button again", async () => {
  answering({ ...outside, "POST /api/v1/session": problem(429, "too many", { "Retry-After": "2" }) });
  show("/");
  await screen.findByRole("heading", { name: "登录" });
  type("账号", "li");
  type("密码", "wrong");
  const button = () => screen.getByRole<HTMLButtonElement>("button", { name: /登录$/ });
  fireEvent.click(button());
  expect(await screen.findByText("尝试次数过多，请在 2 秒后重试。")).toBeTruthy();
  expect(button().disabled).toBe(true);
  await waitFor(() => expect(button().disabled).toBe(false), { timeout: 4000 });
});

test("in the demo a role's button opens the console at that role's start", async () => {
  let me: unknown = outside["GET /api/v1/me"];
  const asked = answering({
    ...inside,
    ...outside,
    "GET /api/v1/me": () => me,
    "POST /api/v1/session/demo": () => {
      me = operator;
      return new Response(null, { status: 204 });
    },
  });
  const { router } = show("/");
  fireEvent.click(await screen.findByRole("button", { name: "坐席" }));
  await screen.findByRole("navigation", { name: "功能导航" });
  expect(router.state.location.pathname).toBe(homeOf(operator)?.path);
  expect(asked.mock.calls.some(([request]) => request.method === "POST" && request.headers.get("Idempotency-Key"))).toBe(true);
});

test("the navigation offers what somebody may open, and no more", async () => {
  answering({ ...inside, "GET /api/v1/me": { ...operator, role: "admin", may: ["status.read", "rotation.read"] } });
  const { router } = show("/rotation");
  const navigation = await screen.findByRole("navigation", { name: "功能导航" });
  expect([...navigation.querySelectorAll("a")].map((link) => link.textContent)).toEqual(["轮巡"]);
  await act(() => router.navigate("/incidents"));
  expect(await screen.findByText("没有权限打开此页面")).toBeTruthy();
  await act(() => router.navigate("/nowhere"));
  expect(await screen.findByText("没有这个页面")).toBeTruthy();
});

test("who may open nothing is told whom to ask", async () => {
  answering({ "GET /api/v1/me": { ...operator, role: "reporter", may: [] } });
  show("/");
  expect(await screen.findByText(/没有可打开的页面/)).toBeTruthy();
});

test("a session that ends in mid-work: sign in over the page, and the command goes on once, with its key", async () => {
  let ended = false;
  const asked = answering({
    ...inside,
    "GET /api/v1/me": () => (ended ? problem(401, "sign in") : { ...operator, csrf: asked.mock.calls.length > 8 ? "c2" : "c1" }),
    "GET /api/v1/session/ways": outside["GET /api/v1/session/ways"],
    "POST /api/v1/cases/1/moves": () => (ended ? problem(401, "sign in") : { number: "1" }),
    "POST /api/v1/session": () => {
      ended = false;
      return new Response(null, { status: 204 });
    },
  });
  show("/rotation");
  const search = await screen.findByLabelText<HTMLInputElement>("按名称或编号筛选");
  fireEvent.change(search, { target: { value: "typed before" } });
  ended = true;
  const move = read(client.POST("/api/v1/cases/{number}/moves", { params: { path: { number: "1" }, header: { "if-match": '"1"' } }, body: { move: "note", text: "x" } as never }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog.textContent).toContain("登录已失效");
  type("密码", "right");
  fireEvent.click(screen.getByRole("button", { name: "登录" }));
  expect(await move).toEqual({ number: "1" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(search.value).toBe("typed before");
  const moves = asked.mock.calls.map(([request]) => request).filter((request) => request.url.endsWith("/moves"));
  expect(moves).toHaveLength(2);
  expect(moves[1]?.headers.get("Idempotency-Key")).toBe(moves[0]?.headers.get("Idempotency-Key"));
  expect(moves.map((request) => request.headers.get("X-CSRF-Token"))).toEqual(["c1", expect.stringMatching(/^c[12]$/)]);
});

test("a command whose token is old, because of a sign-in in another tab, is sent again with the new one", async () => {
  let csrf = "c1";
  const asked = answering({
    ...inside,
    "GET /api/v1/me": () => ({ ...operator, csrf }),
    "POST /api/v1/cases/1/moves": (request: Request) => (request.headers.get("X-CSRF-Token") === csrf ? { number: "1" } : problem(403, "the x-csrf-token header is not this session's")),
  });
  show("/rotation");
  await screen.findByRole("navigation", { name: "功能导航" });
  const move = () => read(client.POST("/api/v1/cases/{number}/moves", { params: { path: { number: "1" }, header: { "if-match": '"1"' } }, body: { move: "note", text: "x" } as never }));
  csrf = "c2";
  expect(await move()).toEqual({ number: "1" });
  const sent = () => asked.mock.calls.filter(([request]) => request.url.endsWith("/moves")).length;
  expect(sent()).toBe(2);
  asked.mockImplementation(async () => problem(403, "the role operator may not do that"));
  await expect(move()).rejects.toThrow("may not do that");
  expect(sent()).toBe(3);
});

test("a password that is due comes first, and its rules are kept before it is sent", async () => {
  let due = true;
  const asked = answering({
    ...inside,
    "GET /api/v1/me": () => ({ ...operator, password_due: due }),
    "POST /api/v1/me/password": () => {
      due = false;
      return new Response(null, { status: 204 });
    },
  });
  show("/rotation");
  await screen.findByRole("heading", { name: "请设置新密码" });
  const save = screen.getByRole<HTMLButtonElement>("button", { name: "保存" });
  type("新密码", "short");
  type("再次输入新密码", "short");
  expect(save.disabled).toBe(true);
  type("新密码", "a long and good one");
  type("再次输入新密码", "a long and good one");
  fireEvent.click(save);
  await screen.findByRole("navigation", { name: "功能导航" });
  const sent = asked.mock.calls.map(([request]) => request).find((request) => request.url.endsWith("/password"));
  expect(sent?.headers.get("X-CSRF-Token")).toBe("c1");
});

test("a page that fails leaves the others standing", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  answering({ ...inside, "GET /api/v1/rotation/board": { names: "n", key: ["k"] } });
  const { router } = show("/rotation");
  expect(await screen.findByText("页面出错")).toBeTruthy();
  await act(() => router.navigate("/dispatch"));
  expect(await screen.findByRole("tab", { name: "待处置" })).toBeTruthy();
  vi.mocked(console.error).mockRestore();
});

test("a lost live connection is shown, and after twenty seconds from when the page is", async () => {
  answering(inside);
  show("/rotation");
  await screen.findByRole("navigation", { name: "功能导航" });
  vi.useFakeTimers({ shouldAdvanceTime: true });
  act(() => Events.last.onerror());
  expect(screen.getByText("连接中断，正在重连")).toBeTruthy();
  expect(screen.queryByText(/页面内容停留在/)).toBeNull();
  act(() => void vi.advanceTimersByTime(20_000));
  expect(screen.getByText(/页面内容停留在/)).toBeTruthy();
  act(() => Events.last.onopen());
  expect(screen.queryByText(/页面内容停留在/)).toBeNull();
  vi.useRealTimers();
});

test("every page has an address of its own and a name in both languages", () => {
  expect(new Set(pages.map((page) => page.path)).size).toBe(pages.length);
  for (const page of pages) {
    expect(page.path).toMatch(/^\/[a-z-]+(\/\*)?$/);
    expect(page.name.zh).toMatch(/\p{Script=Han}/u);
    expect(page.name.en).toMatch(/^[A-Z][a-z -]+$/);
  }
});

test("synthetic pictures, problems, warnings and a missing model are on the board, in both languages", async () => {
  answering(inside);
  show("/rotation");
  expect(await screen.findByText("合成画面（演示）")).toBeTruthy();
  expect(await screen.findByText("消息服务: no connection")).toBeTruthy();
  expect(screen.getByText("预警: load 1.2")).toBeTruthy();
  expect(screen.getByText(/无目标模型/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "系统异常 2 项" })).toBeTruthy();
  await act(() => i18n.changeLanguage("en"));
  expect(await screen.findByText("SYNTHETIC pictures (demo)")).toBeTruthy();
  expect(screen.getByText(/congestion and fishing are not judged/)).toBeTruthy();
});

test("a table that cannot be read says why", async () => {
  answering({ "GET /api/v1/me": operator, "GET /api/v1/status": status });
  show("/rotation");
  expect(await screen.findByText("the store does not answer")).toBeTruthy();
});
