// County days: presets, and what stands in the address.
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import type { Days } from "./api";

dayjs.extend(utc);
dayjs.extend(timezone);

export const PRESETS = ["today", "week", "month", "this", "last"] as const;
export type Preset = (typeof PRESETS)[number];
const FORM = "YYYY-MM-DD";

/** The days of a preset, by the county's date. */
export function daysOf(preset: Preset, zone: string, now: dayjs.ConfigType = undefined): Days {
  const today = dayjs(now).tz(zone);
  const until = today.format(FORM);
  if (preset === "today") return { since: until, until };
  if (preset === "this") return { since: today.startOf("month").format(FORM), until };
  if (preset === "last") {
    const month = today.subtract(1, "month");
    return { since: month.startOf("month").format(FORM), until: month.endOf("month").format(FORM) };
  }
  return { since: today.subtract(preset === "week" ? 6 : 29, "day").format(FORM), until };
}

/** The preset that these days are; null: none. */
export function presetOf(days: Days, zone: string, now: dayjs.ConfigType = undefined): Preset | null {
  return PRESETS.find((preset) => {
    const wanted = daysOf(preset, zone, now);
    return wanted.since === days.since && wanted.until === days.until;
  }) ?? null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The days of an address; a week where it names none that can be. */
export function daysFrom(search: URLSearchParams, zone: string, now: dayjs.ConfigType = undefined): Days {
  const [since, until] = [search.get("since") ?? "", search.get("until") ?? ""];
  return DAY.test(since) && DAY.test(until) && since <= until ? { since, until } : daysOf("week", zone, now);
}
