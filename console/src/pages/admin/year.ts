// A rule's days as twelve months, with the lunar date of each day.
import type { RuleYear } from "./api";

export interface Day {
  /** ISO date. */
  date: string;
  day: number;
  /** Monday is 0. */
  weekday: number;
  lunar: string;
  /** When the rule holds, e.g. 18:00–01:00; null: it does not on this day. */
  hours: string | null;
}

export function said(hours: string[][]): string {
  return hours.map((ends) => ends.join("–")).join(", ");
}

/** The days of each month of a year; `lunar`: the lunar date of each, from 1 January. */
export function monthsOf(year: number, rule: RuleYear, lunar: string[]): Day[][] {
  let number = 0;
  return Array.from({ length: 12 }, (_, month) => {
    const days: Day[] = [];
    for (let at = new Date(Date.UTC(year, month, 1)); at.getUTCMonth() === month; at = new Date(at.getTime() + 86_400_000)) {
      const date = at.toISOString().slice(0, 10);
      const span = rule.spans.find((one) => one.first <= date && date <= one.last);
      days.push({ date, day: at.getUTCDate(), weekday: (at.getUTCDay() + 6) % 7, lunar: lunar[number++] ?? "", hours: span ? said(span.hours) : null });
    }
    return days;
  });
}
