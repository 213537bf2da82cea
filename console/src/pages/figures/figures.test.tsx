import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import i18n from "../../i18n";
import { answering, operator, problem, show } from "../../shell/testing";
import type { Coverage, CoverageFigures } from "./api";

const gaps = { count: 10, p50_s: 5400, p95_s: 6300, p99_s: 7000, worst_s: 9000 };
const figuresOf = (looks: number, kept: number, missed: number): CoverageFigures => ({
  looks, kept, answering: looks - 1, over: looks - kept - 1, over_s: 1800, attempts: 100, inspected: 96, unusable: 3, unreachable: 1, missed, causes: missed ? { capacity: missed } : {},
  late: 2, not_judged: 1, windows: 40, windows_seen: 39, windows_away: 1, gaps, gaps_answering: gaps,
});
const RANGE = { since: "2026-11-20", until: "2026-11-21", start: "2026-11-19T16:00:00Z", end: "2026-11-21T16:00:00Z" };
const coverage: Coverage = {
  range: RANGE, by: "category", counted_at: null, uncounted: ["2026-11-20"], whole: figuresOf(1000, 999, 7),
  days: [{ day: "2026-11-21", figures: figuresOf(1000, 999, 7) }],
  groups: [{ key: "roads", name: { zh: "城区主干道", en: "Main roads" }, figures: figuresOf(600, 599, 7) }, { key: "", name: { zh: "", en: "" }, figures: figuresOf(400, 400, 0) }],
};
const looks = { items: [{ look: "a", camera: "a", name: "东湖路口", category: { zh: "城区主干道", en: "Main roads" }, platform: { zh: "雪亮工程", en: "Xueliang" }, days: 2, days_over: 1, days_away: 0, over_s: 1800, worst_gap_s: 9000, attempts: 20, inspected: 19, unusable: 1, unreachable: 0, missed: 7, late: 1 }], next: null };
const API = { "GET /api/v1/me": operator, "GET /api/v1/status": { rotation: { warning: null }, problems: {} }, "GET /api/v1/figures/coverage": coverage, "GET /api/v1/figures/coverage/looks": looks };
const AT = "/figures?since=2026-11-20&until=2026-11-21";

beforeEach(async () => {
  await i18n.changeLanguage("en");
});

test("a share is never 100 % while one look is missing, and days that are not counted are said", async () => {
  answering(API);
  show(AT);
  const table = await screen.findByRole("region", { name: "Coverage, category" });
  const all = within(table).getByRole("row", { name: /^All/ });
  expect(within(all).getAllByRole("cell")[1]?.textContent).toBe("99.9 %");
  expect(within(all).getByText("no capacity 7")).toBeTruthy();
  expect(within(table).getByRole("row", { name: /not in the registry/ })).toBeTruthy();
  expect(screen.getByText(/1 days are not counted yet.*2026-11-20/)).toBeTruthy();
  expect(screen.getByText(/nothing else ends it/)).toBeTruthy();
});

test("a number leads to the looks behind it, and the files ask for the same days", async () => {
  const asked = answering(API);
  show(AT);
  fireEvent.click(await screen.findByRole("button", { name: "Main roads: Show looks" }));
  const list = await screen.findByRole("region", { name: "Main roads: look by look" });
  expect(await within(list).findByText("东湖路口")).toBeTruthy();
  expect(asked.mock.calls.some(([request]) => request.url.includes("/coverage/looks?") && request.url.includes("key=roads"))).toBe(true);
  expect(document.activeElement?.textContent).toBe("Main roads: look by look");
  const file = screen.getByRole("link", { name: "Excel workbook" }).getAttribute("href") ?? "";
  expect(file).toBe("/api/v1/figures/file?figure=coverage&since=2026-11-20&until=2026-11-21&by=category&format=xlsx&lang=en");
});

test("another figure, other days: the address says them and the API is asked for them", async () => {
  const asked = answering({
    ...API,
    "GET /api/v1/figures/false-alarms": {
      range: RANGE, whole: { judged: 10, false: 3, share: 0.3, low: 0.1078, high: 0.6032, reasons: { lantern: 2, "": 1 } },
      kinds: [{ kind: "fireworks", counts: { judged: 10, false: 3, share: 0.3, low: 0.1078, high: 0.6032, reasons: { lantern: 2, "": 1 } } }], rows: [], rows_total: 0,
    },
  });
  const { router } = show(AT);
  await screen.findByRole("region", { name: "Coverage, category" });
  fireEvent.click(screen.getByText("False alarms"));
  const row = await screen.findByRole("row", { name: /^Fireworks/ });
  expect(row.textContent).toContain("30.0 %");
  expect(row.textContent).toContain("10.7 % – 60.3 %");
  expect(row.textContent).toContain("lantern 2 · none given 1");
  fireEvent.change(screen.getByLabelText("First day"), { target: { value: "2026-11-15" } });
  await waitFor(() => expect(router.state.location.search).toBe("?figure=false-alarms&since=2026-11-15&until=2026-11-21"));
  await waitFor(() => expect(asked.mock.calls.some(([request]) => request.url.includes("/false-alarms?since=2026-11-15"))).toBe(true));
});

test("what cannot be read says why and can be asked again; nothing in the days is said too", async () => {
  answering({ ...API, "GET /api/v1/figures/coverage": problem(422, "2026-11-20 has not begun") });
  show(AT);
  expect(await screen.findByText("2026-11-20 has not begun")).toBeTruthy();
  answering({ ...API, "GET /api/v1/figures/coverage": { ...coverage, whole: figuresOf(0, 0, 0), uncounted: [], days: [], groups: [] } });
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Nothing in these days")).toBeTruthy();
});
