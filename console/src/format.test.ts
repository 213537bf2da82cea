import { expect, test } from "vitest";
import { duration, moment, percent } from "./format";

test("durations are said as people say them", () => {
  expect([0, 59.4, 95, 7200, null].map((s) => duration(s))).toEqual(["0 s", "59 s", "1:35 min", "2:00 h", "–"]);
});

test("shares are percentages", () => {
  expect([0, 0.0345, 1].map(percent)).toEqual(["0.0 %", "3.5 %", "100.0 %"]);
});

test("times are county times, with the date only when it is not today's", () => {
  const now = "2026-02-16T15:00:00Z"; // 23:00 in the county
  expect(moment("2026-02-16T14:00:05Z", "Asia/Shanghai", now)).toBe("22:00:05");
  expect(moment("2026-02-16T16:30:00Z", "Asia/Shanghai", now)).toBe("2026-02-17 00:30:00");
  expect(moment(null, "Asia/Shanghai", now)).toBe("");
});
