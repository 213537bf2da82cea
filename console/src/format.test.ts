import { expect, test } from "vitest";
import { bytes, duration, moment, percent } from "./format";

test("durations are said as people say them", () => {
  expect([0, 59.4, 95, 7200, null].map((s) => duration(s))).toEqual(["0 s", "59 s", "1:35 min", "2:00 h", "–"]);
});

test("sizes have two digits and the unit that fits", () => {
  expect([0, 999, 999_499, 999_500, 1_234_567, 9_960_000_000, 2.5e12, -3.2e9].map(bytes)).toEqual(["0 B", "999 B", "999 kB", "1.0 MB", "1.2 MB", "10 GB", "2.5 TB", "−3.2 GB"]);
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
