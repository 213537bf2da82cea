// Which looks are shown, and how many there are of each kind. Pure.
import type { BoardLooks } from "./api";
import type { Standing } from "./standing";
import { markOf } from "./visual";

export const ONLY = ["all", "late", "away", "unusable", "paused"] as const;

/** `category` and `platform` are keys; null: every one. */
export interface Wanted {
  only: (typeof ONLY)[number];
  category: string | null;
  platform: string | null;
  text: string;
}

export const EVERYTHING: Wanted = { only: "all", category: null, platform: null, text: "" };

/** Whether a look's last picture was no proof, whatever it waits for now. */
function unusable(standing: Standing, row: number): boolean {
  return standing.outcomes[standing.outcome[row] ?? -1] === "unusable";
}

export function fits(standing: Standing, row: number, only: Wanted["only"], now: number): boolean {
  if (only === "all") return true;
  if (only === "unusable") return unusable(standing, row);
  const mark = markOf(standing, row, now);
  return only === "paused" ? mark === "paused" || mark === "held" : mark === only;
}

/** The rows that are wanted, in the registry's order. */
export function chosen(looks: BoardLooks, standing: Standing, wanted: Wanted, now: number): number[] {
  const category = wanted.category === null ? -1 : looks.categories.findIndex((c) => c.key === wanted.category);
  const platform = wanted.platform === null ? -1 : looks.platforms.findIndex((p) => p.key === wanted.platform);
  const word = wanted.text.trim().toLowerCase();
  const rows: number[] = [];
  for (let row = 0; row < looks.key.length; row++) {
    if (wanted.category !== null && looks.category[row] !== category) continue;
    if (wanted.platform !== null && looks.platform[row] !== platform) continue;
    if (word && !`${looks.key[row] ?? ""} ${looks.name[row] ?? ""}`.toLowerCase().includes(word)) continue;
    if (fits(standing, row, wanted.only, now)) rows.push(row);
  }
  return rows;
}

export interface Counts {
  late: number;
  away: number;
  unusable: number;
}

export function tally(standing: Standing, now: number): Counts {
  const counts = { late: 0, away: 0, unusable: 0 };
  for (let row = 0; row < standing.state.length; row++) {
    const mark = markOf(standing, row, now);
    if (mark === "late" || mark === "away") counts[mark]++;
    if (unusable(standing, row)) counts.unusable++;
  }
  return counts;
}
