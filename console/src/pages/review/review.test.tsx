import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import i18n from "../../i18n";
import { answering, operator, problem, show } from "../../shell/testing";
import type { Item, Whole } from "./api";

const item = (id: string, more: Partial<Item> = {}): Item => ({
  id, kind: "congestion", verdict: "flagged", severity: "general", at_once: false, camera: id, camera_name: `${id} 路口`, preset: null, place: "大桥路", category: "road",
  category_name: { zh: "道路", en: "Road" }, state: "open", review: null, score: 0.8, summary: "…", looks: 1, first_seen_at: "2026-01-01T00:00:00Z", last_seen_at: "2026-01-01T00:00:00Z", version: 3, lease: null, ...more,
});
const whole = (of: Item): Whole => ({
  item: of,
  sightings: [{ visit: "v", at: "2026-01-01T00:00:00Z", verdict: "flagged", score: 0.8, best_at: 1, box: null, zone: "whole", reason: "12 vehicles stand", reason_zh: "12 辆车静止", measurements: {}, marks: [], clip: null, key_frame: null, picture: null }],
  zones: [], earlier: [], map: null, rule: null, told: [], reviews: [], would_not: null,
  would_tell: [{ department: "traffic_police", name: { zh: "交警大队", en: "Traffic police" }, role: "primary", contacts: [{ name: "值班室", phone: "0730-2200110" }] }],
  reasons: [
    { code: "red_light_queue", name: { zh: "红灯排队", en: "queue at a red light" }, verdicts: ["false_alarm"] },
    { code: "other", name: { zh: "其他（须说明）", en: "other (say what)" }, verdicts: ["exempt", "false_alarm"] },
  ],
});
const said: [string, unknown][] = [];

/** A desk with these items; what is sent to the service is kept in `said`. */
function desk(items: Item[], more: Record<string, unknown> = {}) {
  const rest = [...items];
  const kept = (request: Request) => request.json().then((body: unknown) => said.push([`${new URL(request.url).pathname} ${request.headers.get("if-match")}`, body]));
  const verdict = (of: Item) => async (request: Request) => {
    await kept(request);
    return { incident: of.id, verdict: "confirmed", version: 4, told: [{ department: "traffic_police", name: { zh: "交警大队", en: "Traffic police" } }], problem: null, until: "2026-01-01T00:02:00Z" };
  };
  const lease = (of: Item) => ({ incident: of.id, holder: "li", mine: true, until: "2026-01-01T00:02:00Z" });
  answering({
    "GET /api/v1/me": operator,
    "GET /api/v1/review/queue": { items, next: null },
    "GET /api/v1/review/counts": { now: "2026-01-01T00:11:00Z", waiting: items.length, oldest: "2026-01-01T00:00:00Z", kinds: [{ kind: "congestion", waiting: items.length, oldest: "2026-01-01T00:00:00Z" }], mine: [], others: [] },
    "POST /api/v1/review/next": () => {
      const next = rest.shift();
      return { lease: next ? lease(next) : null };
    },
    ...Object.fromEntries(items.flatMap((of) => [
      [`GET /api/v1/review/${of.id}`, whole(of)],
      [`POST /api/v1/review/${of.id}/lease`, lease(of)],
      [`DELETE /api/v1/review/${of.id}/lease`, new Response(null, { status: 204 })],
      [`POST /api/v1/review/${of.id}/verdict`, verdict(of)],
    ])),
    ...more,
  });
  show("/review");
}

const title = () => screen.getByRole("heading", { level: 2 }).textContent;
const ready = () => waitFor(() => expect(screen.getByRole("button", { name: /属实并推送/ }).hasAttribute("disabled")).toBe(false));
const press = (key: string) => act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key }));

beforeEach(async () => {
  said.length = 0;
  Element.prototype.scrollTo = () => undefined;
  await act(() => i18n.changeLanguage("zh"));
});

test("C confirms with the version that was seen, says who was told, and the next item comes up", async () => {
  desk([item("a"), item("b")]);
  await waitFor(() => expect(title()).toContain("a 路口"));
  await ready();
  press("c");
  await waitFor(() => expect(title()).toContain("b 路口"));
  expect(said).toEqual([['/api/v1/review/a/verdict "3"', { verdict: "confirmed", code: null, reason: null }]]);
  expect(screen.getByText("上一件: 属实 → 交警大队")).toBeTruthy();
});

test("a digit alone dismisses nothing; after D it is the reason", async () => {
  desk([item("a")]);
  await waitFor(() => expect(title()).toContain("a 路口"));
  await ready();
  press("1");
  press("d");
  press("1");
  await waitFor(() => expect(said).toHaveLength(1));
  expect(said[0]?.[1]).toEqual({ verdict: "false_alarm", code: "red_light_queue", reason: null });
});

test("another reason asks for a sentence first, and letters typed there judge nothing", async () => {
  desk([item("a")]);
  await waitFor(() => expect(title()).toContain("a 路口"));
  await ready();
  press("d");
  press("2");
  const field = await screen.findByPlaceholderText(/请写明是什么/);
  await waitFor(() => expect(document.activeElement).toBe(field));
  press("c");
  expect(said).toHaveLength(0);
  fireEvent.change(field, { target: { value: "庙会" } });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
  await waitFor(() => expect(said).toHaveLength(1));
  expect(said[0]?.[1]).toEqual({ verdict: "false_alarm", code: "other", reason: "庙会" });
});

test("J and K go to the next free item and back, and skip what somebody else works on", async () => {
  desk([item("a"), item("b", { lease: { incident: "b", holder: "wang", mine: false, until: "2026-01-01T00:02:00Z" } }), item("c")]);
  await waitFor(() => expect(title()).toContain("a 路口"));
  expect(screen.getByText("wang 处理中")).toBeTruthy();
  press("j");
  await waitFor(() => expect(title()).toContain("c 路口"));
  press("k");
  await waitFor(() => expect(title()).toContain("a 路口"));
});

test("what somebody else works on can be looked at and not judged", async () => {
  const held = item("b", { lease: { incident: "b", holder: "wang", mine: false, until: "2026-01-01T00:02:00Z" } });
  desk([item("a"), held], { "POST /api/v1/review/b/lease": problem(409, "wang is working on it") });
  await waitFor(() => expect(title()).toContain("a 路口"));
  fireEvent.click(screen.getByText("b 路口"));
  expect(await screen.findByText("wang 正在处理此事件，此处仅供查看。")).toBeTruthy();
  press("c");
  expect(said).toHaveLength(0);
});

test("a verdict on something that has changed is not taken, and the page says to look again", async () => {
  desk([item("a")], { "POST /api/v1/review/a/verdict": problem(412, "the incident has changed") });
  await waitFor(() => expect(title()).toContain("a 路口"));
  await ready();
  press("u");
  expect(await screen.findByText("事件刚有变化，请再看一次后判定。")).toBeTruthy();
  expect(title()).toContain("a 路口");
});

test("a backlog older than ten minutes is red, and an empty desk says so", async () => {
  desk([]);
  expect(await screen.findByText("队列已清空")).toBeTruthy();
  expect(await screen.findByText("没有可处理的事件")).toBeTruthy();
  expect(screen.getByText("最久等待").className).toContain("rv-late");
});

test("the telephones of who would be told are links", async () => {
  desk([item("a")]);
  await waitFor(() => expect(title()).toContain("a 路口"));
  press("p");
  const sheet = within(await screen.findByRole("dialog"));
  expect(sheet.getByRole("link", { name: "0730-2200110" }).getAttribute("href")).toBe("tel:07302200110");
  expect(sheet.getByText("确认并推送之后才能记录通话。")).toBeTruthy();
});

test("many are dismissed at once, and what was left is said", async () => {
  desk([item("a"), item("b")], {
    "POST /api/v1/review/dismissals": async (request: Request) => {
      said.push(["dismissals", await request.json()]);
      return { dismissed: 1, items: [{ incident: "a", outcome: "dismissed", holder: null, problem: null }, { incident: "b", outcome: "held", holder: "wang", problem: null }] };
    },
  });
  await waitFor(() => expect(title()).toContain("a 路口"));
  press("b");
  fireEvent.click(await screen.findByRole("button", { name: /全\s?选/ }));
  expect(screen.getByText("已选 2 件")).toBeTruthy();
  fireEvent.mouseDown(screen.getByRole("combobox", { name: "误报原因" }));
  fireEvent.click(await screen.findByTitle("红灯排队"));
  fireEvent.click(screen.getByRole("button", { name: /全部判为误报/ }));
  expect(await screen.findByText("已判误报 1 件, 其他坐席处理中 1 件未动")).toBeTruthy();
  expect(said[0]?.[1]).toEqual({ incidents: ["a", "b"], code: "red_light_queue", reason: null });
});

test("what somebody else let go can be taken, and Z brings the last one back", async () => {
  const free = item("b");
  let tries = 0;
  const lease = (incident: string) => ({ incident, holder: "li", mine: true, until: "2026-01-01T00:02:00Z" });
  desk([item("a"), free], {
    "POST /api/v1/review/next": { lease: lease("a") },
    "POST /api/v1/review/b/lease": () => (tries++ === 0 ? problem(409, "wang is working on it") : lease("b")),
  });
  await waitFor(() => expect(title()).toContain("a 路口"));
  fireEvent.click(screen.getByText("b 路口"));
  expect(await screen.findByText("此事件现已无人处理。")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "由我处理" }));
  await ready();
  press("u");
  await waitFor(() => expect(title()).toContain("a 路口"));
  press("z");
  await waitFor(() => expect(title()).toContain("b 路口"));
});

test("who opens an item while the next one is still on its way keeps it, and the other one is let go", async () => {
  const [a, b] = [item("a"), item("b")];
  let arrive = (_: unknown) => undefined as void;
  let letGo = 0;
  desk([a, b], {
    "POST /api/v1/review/next": () => new Promise((resolve) => (arrive = resolve)),
    "DELETE /api/v1/review/a/lease": () => {
      letGo += 1;
      return new Response(null, { status: 204 });
    },
  });
  fireEvent.click(await screen.findByRole("button", { name: /b 路口/ }));
  await waitFor(() => expect(title()).toContain("b 路口"));
  await act(async () => arrive({ lease: { incident: "a", holder: "li", mine: true, until: "2026-01-01T00:02:00Z" } }));
  await waitFor(() => expect(letGo).toBe(1));
  expect(title()).toContain("b 路口");
  await ready();
});
