import { act, fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import i18n from "../../i18n";
import { answering, operator, problem, show } from "../../shell/testing";
import type { BoardLooks, BoardStates } from "./api";
import { chosen, EVERYTHING, tally } from "./choose";
import { HEADER, layOut, moved, place, slotAt, slotsBetween } from "./layout";
import { merged } from "./standing";
import { TONES, markOf, tone, visual } from "./visual";

const STATES: BoardStates["states"] = ["waiting", "running", "due", "late", "away", "held", "paused"];
const OUTCOMES: BoardStates["outcomes"] = ["inspected", "unusable", "unreachable", "missed"];

function states(said: Partial<BoardStates> & { state: number[] }): BoardStates {
  const nulls = said.state.map(() => null);
  return {
    names: "n", version: "n.1", whole: true, now: 10_000, row: null, deadline: said.state.map(() => 13_600), inspected: nulls, outcome: said.state.map(() => 0),
    cause: said.state.map(() => -1), failures: said.state.map(() => 0), ended: nulls, away_since: nulls, states: STATES, outcomes: OUTCOMES, causes: ["dark"], ...said,
  };
}

const LOOKS: BoardLooks = {
  names: "n", key: ["gate", "bridge", "bank", "dyke"], camera: ["gate", "bridge", "bank", "dyke"], name: ["东门", "湘江桥", "南岸", "大堤"],
  category: [0, 0, 1, 1], platform: [0, 0, 0, 0], division: [-1, -1, -1, -1], period_s: [7200, 7200, 7200, 7200],
  categories: [{ key: "road", name: { zh: "道路", en: "Road" } }, { key: "water", name: { zh: "水域", en: "Water" } }],
  platforms: [{ key: "test", name: { zh: "测试平台", en: "Test platform" } }], divisions: [],
};

test("an answer in part changes the looks it names and no others", () => {
  const before = merged(undefined, states({ state: [0, 0, 0], deadline: [1, 2, 3] }), 0);
  const after = merged(before, states({ whole: false, row: [1], state: [4], deadline: [null], outcome: [2], cause: [0], failures: [3], inspected: [null], ended: [5], away_since: [6], version: "n.2" }), 50);
  expect(after.state).toEqual([0, 4, 0]);
  expect(after.deadline).toEqual([1, null, 3]);
  expect(after.away_since).toEqual([null, 6, null]);
  expect([after.version, after.at]).toEqual(["n.2", 50]);
  expect(before.state).toEqual([0, 0, 0]);
});

test("a look turns late when its deadline passes, also while nothing is asked", () => {
  const standing = merged(undefined, states({ state: [0], deadline: [10_005] }), 0);
  expect(markOf(standing, 0, 10_004)).toBe("plain");
  expect(markOf(standing, 0, 10_005)).toBe("late");
});

test("every state that is no plain countdown has a pattern of its own", () => {
  const standing = merged(undefined, states({ state: [0, 1, 3, 4, 5, 6, 0], deadline: [13_600, 13_600, 9_000, 9_000, 13_600, null, 13_600], outcome: [0, 0, 0, 2, 0, 0, 1] }), 0);
  const marks = standing.state.map((_, row) => markOf(standing, row, 10_000));
  expect(marks).toEqual(["plain", "running", "late", "away", "held", "paused", "unusable"]);
  expect(new Set(standing.state.map((_, row) => Math.floor(visual(standing, row, 7200, 10_000) / TONES))).size).toBe(7);
});

test("the tone falls with the time left and stays within the scale", () => {
  const tones = [9000, 7200, 3600, 60, 0, -500].map((left) => tone(left, 7200));
  expect(tones).toEqual([...tones].sort((a, b) => b - a));
  expect([tones[0], tones.at(-1)]).toEqual([TONES - 1, 0]);
});

test("cells stand in blocks by group, those of no group last, and are found where they are drawn", () => {
  const groups = [1, 0, -1, 1, 1];
  const layout = layOut([0, 1, 2, 3, 4], (row) => groups[row] ?? -1, 2, 30, 10);
  expect(layout.order).toEqual([1, 0, 3, 4, 2]);
  expect(layout.blocks.map((b) => [b.group, b.count])).toEqual([[0, 1], [1, 3], [-1, 1]]);
  layout.order.forEach((_, slot) => {
    const { x, y } = place(layout, slot);
    expect(slotAt(layout, x + 5, y + 5)).toBe(slot);
  });
  expect(slotAt(layout, 5, HEADER / 2)).toBeNull();
  expect(slotsBetween(layout, 0, layout.height).flatMap(([from, to]) => [from, to])).toEqual([0, 1, 1, 4, 4, 5]);
});

test("arrow keys walk through lines and blocks and stop at the ends", () => {
  const layout = layOut([0, 1, 2, 3, 4, 5, 6], (row) => (row < 4 ? 0 : 1), 2, 30, 10);
  expect(moved(layout, 0, "ArrowDown")).toBe(3);
  expect(moved(layout, 1, "ArrowDown")).toBe(3);
  expect(moved(layout, 3, "ArrowDown")).toBe(4);
  expect(moved(layout, 5, "ArrowUp")).toBe(3);
  expect(moved(layout, 6, "ArrowRight")).toBe(6);
  expect(moved(layout, 6, "ArrowDown")).toBe(6);
  expect(moved(layout, 3, "Home")).toBe(0);
  expect(moved(layout, 3, "x")).toBeNull();
});

test("filters and counts say the same", () => {
  const standing = merged(undefined, states({ state: [0, 4, 0, 6], deadline: [9_000, 9_000, 13_000, null], outcome: [0, 2, 1, 0] }), 0);
  expect(tally(standing, 10_000)).toEqual({ late: 1, away: 1, unusable: 1 });
  const shown = (only: typeof EVERYTHING.only) => chosen(LOOKS, standing, { ...EVERYTHING, only }, 10_000).map((row) => LOOKS.key[row]);
  expect([shown("late"), shown("away"), shown("unusable"), shown("paused")]).toEqual([["gate"], ["bridge"], ["bank"], ["dyke"]]);
  expect(chosen(LOOKS, standing, { ...EVERYTHING, category: "water" }, 10_000)).toEqual([2, 3]);
  expect(chosen(LOOKS, standing, { ...EVERYTHING, text: "湘江" }, 10_000)).toEqual([1]);
});

const STATUS = {
  version: "0.1.0", county: { code: "430624", name: { zh: "湘阴县", en: "Xiangyin" }, timezone: "Asia/Shanghai" }, demo: false, synthetic: false, now: "2026-01-01T00:00:00Z",
  started_at: null, counts: [], model: null, broker_connected: true, problems: {},
  rotation: { cameras: 4, due: 0, late: 1, away: 1, held: 0, running: 0, worst_gap_s: 7900, load: 1.2, load_shortened: 1.2, warning: null, platforms: [],
    forecast: { made_at: "2026-01-01T00:00:00Z", until: "2026-01-01T04:00:00Z", worst_gap_s: 8000, worst_look: "gate", first_broken: { look: "gate", at: "2026-01-01T01:00:00Z" }, broken: 3, peak_load: 1.3, peak_at: "2026-01-01T02:00:00Z", shortened: 0 } },
};
const MISS = { id: "v1", look: "gate", camera: "gate", name: "东门", deadline: "2026-01-01T00:00:00Z", cause: "capacity", detail: null, signed: null };
const SERVICE = {
  "GET /api/v1/status": STATUS,
  "GET /api/v1/rotation/board": LOOKS,
  "GET /api/v1/rotation/board/states": states({ state: [0, 4, 0, 6], deadline: [9_000, 9_000, 13_600, null], outcome: [0, 2, 1, 0], cause: [-1, -1, 0, -1] }),
  "GET /api/v1/misses/figures": { unsigned: 1 },
  "GET /api/v1/misses": { items: [MISS], next: null },
};

beforeEach(() => act(() => i18n.changeLanguage("zh")));

test("a figure leads to the cameras it counts, and the table names them", async () => {
  answering({ "GET /api/v1/me": operator, ...SERVICE });
  show("/rotation");
  fireEvent.click(await screen.findByRole("button", { name: /^超期\s*1$/ }));
  expect(screen.getByText(/起将有 3 个点位超期，负载最高 130%/)).toBeTruthy();
  expect(screen.getByText("显示 1 / 4")).toBeTruthy();
  fireEvent.click(screen.getByText("表格"));
  const rows = screen.getAllByRole("row").slice(1);
  expect(rows.map((row) => within(row).getByRole("button").textContent)).toEqual(["东门"]);
  expect(rows[0]?.textContent).toContain("已超期");
});

test("whoever is no shift lead reads misses and has nothing to sign with", async () => {
  answering({ "GET /api/v1/me": operator, ...SERVICE });
  show("/rotation?tab=misses");
  expect(await screen.findByText("东门")).toBeTruthy();
  expect(screen.getByText("由值班长签核")).toBeTruthy();
  expect(screen.queryByRole("checkbox")).toBeNull();
});

test("a shift lead signs off what was chosen, with the note, and is told when it is refused", async () => {
  let sent: unknown;
  const lead = { ...operator, role: "shift_lead" as const, may: [...operator.may, "miss.sign_off"] };
  answering({
    "GET /api/v1/me": lead,
    ...SERVICE,
    "POST /api/v1/misses/sign-off": async (request: Request) => {
      sent = await request.json();
      return problem(409, "look v1 (gate) was signed off by li");
    },
  });
  show("/rotation?tab=misses");
  fireEvent.click(await screen.findByRole("checkbox", { name: "选择 东门" }));
  const sign = screen.getByRole("button", { name: "签核所选" });
  expect((sign as HTMLButtonElement).disabled).toBe(true);
  fireEvent.change(screen.getByRole("textbox", { name: /签核说明/ }), { target: { value: " 停电 " } });
  fireEvent.click(sign);
  expect(await screen.findByText("look v1 (gate) was signed off by li")).toBeTruthy();
  expect(sent).toEqual({ ids: ["v1"], note: "停电" });
});

test("a board that cannot be read says so and is asked again", async () => {
  answering({ "GET /api/v1/me": operator, ...SERVICE, "GET /api/v1/rotation/board/states": problem(503, "the store does not answer") });
  show("/rotation");
  expect((await screen.findAllByText("the store does not answer")).length).toBeGreaterThan(0);
  expect(screen.getByRole("button", { name: "重试" })).toBeTruthy();
});
