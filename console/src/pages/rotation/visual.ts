// How one cell looks: a colour for the time left, a pattern for what colour alone must not say.
import type { Standing } from "./standing";

export const MARKS = ["plain", "running", "late", "away", "unusable", "held", "paused"] as const;
export type Mark = (typeof MARKS)[number];
export const TONES = 24;

/** Which tone a share of time left has: 0 is none left, `TONES - 1` the whole period. */
export function tone(left: number, period: number): number {
  const share = period > 0 ? left / period : 0;
  return Math.max(0, Math.min(TONES - 1, Math.floor(share * TONES)));
}

/** Green through yellow to red; lightness changes with it, so that the order also shows without hue. */
export function toneColour(of: number): string {
  const share = of / (TONES - 1);
  const hue = share < 0.5 ? 8 + share * 2 * 44 : 52 + (share - 0.5) * 2 * 88;
  const light = share < 0.5 ? 46 + share * 2 * 8 : 54 - (share - 0.5) * 2 * 20;
  return `hsl(${hue.toFixed(0)} 72% ${light.toFixed(0)}%)`;
}

/** What is drawn over the colour. A look under way shows as that; else what is wrong comes before what is planned. */
export function markOf(standing: Standing, row: number, now: number): Mark {
  switch (standing.states[standing.state[row] ?? 0]) {
    case "running":
      return "running";
    case "held":
      return "held";
    case "paused":
      return "paused";
    case "away":
      return "away";
    default: {
      const deadline = standing.deadline[row];
      if (deadline !== null && deadline !== undefined && deadline <= now) return "late";
      return standing.outcomes[standing.outcome[row] ?? -1] === "unusable" ? "unusable" : "plain";
    }
  }
}

/** Mark and tone in one number, by which a cell is known to look the same as before. */
export function visual(standing: Standing, row: number, period: number, now: number): number {
  const left = (standing.deadline[row] ?? now) - now;
  return MARKS.indexOf(markOf(standing, row, now)) * TONES + tone(left, period);
}

export interface Palette {
  ground: string;
  text: string;
  line: string;
  muted: string;
}

/** Draw one cell of `size` pixels at (x, y). */
export function drawCell(to: CanvasRenderingContext2D, x: number, y: number, size: number, look: number, palette: Palette): void {
  const mark = MARKS[Math.floor(look / TONES)] ?? "plain";
  const stroke = Math.max(1, Math.round(size / 8));
  const fill = (colour: string, left: number, top: number, width: number, height: number) => {
    to.fillStyle = colour;
    to.fillRect(left, top, width, height);
  };
  if (mark === "away" || mark === "paused" || mark === "held") fill(palette.ground, x, y, size, size);
  else fill(mark === "late" ? "#a3120a" : toneColour(look % TONES), x, y, size, size);
  if (mark === "plain") return;
  const third = Math.max(2, Math.round(size / 3));
  if (mark === "running") {
    fill("#0b2545", x + third, y + third, size - 2 * third, size - 2 * third);
  } else if (mark === "late") {
    fill("#ffffff", x + Math.floor((size - stroke) / 2), y + stroke, stroke, Math.max(2, size - 4 * stroke));
    fill("#ffffff", x + Math.floor((size - stroke) / 2), y + size - 2 * stroke, stroke, stroke);
  } else if (mark === "unusable") {
    for (let line = 0; line < size; line += 2 * stroke + 1) fill("#1b1b1b", x, y + line, size, stroke);
  } else if (mark === "held") {
    for (let line = 0; line < size; line += 2 * stroke + 1) fill(palette.muted, x + line, y, stroke, size);
  } else {
    to.strokeStyle = mark === "paused" ? palette.muted : palette.text;
    to.lineWidth = stroke;
    to.strokeRect(x + stroke / 2, y + stroke / 2, size - stroke, size - stroke);
    if (mark === "away") {
      to.beginPath();
      to.moveTo(x + stroke, y + stroke);
      to.lineTo(x + size - stroke, y + size - stroke);
      to.moveTo(x + size - stroke, y + stroke);
      to.lineTo(x + stroke, y + size - stroke);
      to.stroke();
    }
  }
}
