// Limits that run down, and spans as a clock shows them. Pure.

export type Pressing = "calm" | "soon" | "late";

/** How pressing a limit is: `soon` in its last quarter, `late` past it. */
export function pressing(due: string, since: string, now: number): Pressing {
  const left = Date.parse(due) - now;
  if (left < 0) return "late";
  return left < 0.25 * (Date.parse(due) - Date.parse(since)) ? "soon" : "calm";
}

/** A span as a clock shows it: 4:05, 1:02:03. */
export function clock(ms: number): string {
  const whole = Math.floor(Math.abs(ms) / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
