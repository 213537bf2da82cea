// Times as the county has them, durations as people say them.
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";

dayjs.extend(utc);
dayjs.extend(timezone);

/** County time; the date only when it is not today. */
export function moment(value: string | null | undefined, zone: string, now: dayjs.ConfigType = undefined): string {
  if (!value) return "";
  const at = dayjs(value).tz(zone);
  const today = dayjs(now).tz(zone);
  return at.isSame(today, "day") ? at.format("HH:mm:ss") : at.format("YYYY-MM-DD HH:mm:ss");
}

/** 95 → 1:35 min, 7200 → 2:00 h. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))} h`;
}

/** 1234567 → 1.2 MB; in thousands, as disks are sold. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let [value, unit] = [Math.abs(count), 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${count < 0 ? "−" : ""}${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 0.0345 → 3.5 %. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
