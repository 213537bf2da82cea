import { expect, test } from "vitest";
import { monthsOf } from "./year";

const rule = { rule: "ban", days: 2, provisional: false, spans: [{ first: "2027-02-05", last: "2027-02-06", lunar_first: "腊月廿九", lunar_last: "正月初一", hours: [["18:00", "01:00"]] }] };

test("the days a rule holds are marked with their hours, every day has its lunar date and weekday", () => {
  const lunar = Array.from({ length: 365 }, (_, day) => (day === 36 ? "正月初一" : `day ${day}`));
  const months = monthsOf(2027, rule, lunar);
  expect(months.map((days) => days.length)).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  const february = months[1] ?? [];
  expect(february.filter((day) => day.hours !== null).map((day) => day.date)).toEqual(["2027-02-05", "2027-02-06"]);
  expect(february[5]).toEqual({ date: "2027-02-06", day: 6, weekday: 5, lunar: "正月初一", hours: "18:00–01:00" });
});
