import { expect, test } from "vitest";
import { daysFrom, daysOf, presetOf } from "./days";

const ZONE = "Asia/Shanghai";
// 00:30 on 1 March in the county, still February in London.
const NOW = "2026-02-28T16:30:00Z";

test.each([
  ["today", "2026-03-01", "2026-03-01"],
  ["week", "2026-02-23", "2026-03-01"],
  ["month", "2026-01-31", "2026-03-01"],
  ["this", "2026-03-01", "2026-03-01"],
  ["last", "2026-02-01", "2026-02-28"],
] as const)("%s is %s to %s by the county's date", (preset, since, until) => {
  expect(daysOf(preset, ZONE, NOW)).toEqual({ since, until });
  expect(daysOf(presetOf({ since, until }, ZONE, NOW) ?? "last", ZONE, NOW)).toEqual({ since, until });
});

test("an address that names no days, or days that cannot be, is a week", () => {
  const week = daysOf("week", ZONE, NOW);
  expect(daysFrom(new URLSearchParams("since=2026-01-05&until=2026-01-07"), ZONE, NOW)).toEqual({ since: "2026-01-05", until: "2026-01-07" });
  expect(daysFrom(new URLSearchParams(""), ZONE, NOW)).toEqual(week);
  expect(daysFrom(new URLSearchParams("since=2026-01-07&until=2026-01-05"), ZONE, NOW)).toEqual(week);
  expect(daysFrom(new URLSearchParams("since=yesterday&until=today"), ZONE, NOW)).toEqual(week);
});
