// Every camera as a cell on one canvas of the window's size, under which the whole board scrolls.
//
// Once a second every cell's look is worked out anew, and only those that changed are drawn: ten thousand cost well under a
// millisecond. One cell has the keyboard (roving); a polite live region says which.
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import { colour, useShownTheme } from "../../shell/theme";
import type { GroupBy } from "./BoardTab";
import { useSaid } from "./said";
import type { BoardLooks } from "./api";
import { HEADER, layOut, moved, place, slotAt, slotsBetween, type Layout } from "./layout";
import { clock, type Standing } from "./standing";
import { drawCell, visual, type Palette } from "./visual";

interface Given {
  looks: BoardLooks;
  standing: Standing;
  rows: number[];
  by: GroupBy;
  size: number;
  open: (camera: string) => void;
  zone: string;
}

export function Cells({ looks, standing, rows, by, size, open, zone }: Given) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const theme = useShownTheme();
  const window_ = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [box, setBox] = useState({ width: 0, height: 0 });
  const [hovered, setHovered] = useState<number | null>(null);
  const [focused, setFocused] = useState(0);
  const [holds, setHolds] = useState(false);
  const said = useSaid(looks, standing, zone);

  const group = looks[by];
  const groups = by === "category" ? looks.categories : by === "platform" ? looks.platforms : looks.divisions;
  const pitch = size + (size > 12 ? 3 : 2);
  const layout = useMemo(() => layOut(rows, (row) => group[row] ?? -1, groups.length, box.width, pitch), [rows, group, groups.length, box.width, pitch]);
  const slot = Math.min(focused, layout.order.length - 1);

  useEffect(() => {
    const element = window_.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useDrawing(canvas, window_, layout, looks, standing, box, size, theme);

  const over = (event: PointerEvent) => {
    const at = event.currentTarget.getBoundingClientRect();
    setHovered(slotAt(layout, event.clientX - at.left, event.clientY - at.top));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = layout.order[slot];
    if ((event.key === "Enter" || event.key === " ") && row !== undefined) {
      event.preventDefault();
      open(looks.camera[row] ?? "");
      return;
    }
    const next = moved(layout, slot, event.key);
    if (next === null) return;
    event.preventDefault();
    setFocused(next);
    const element = window_.current;
    const { y } = place(layout, next);
    if (element && (y < element.scrollTop + HEADER || y + pitch > element.scrollTop + element.clientHeight)) element.scrollTop = y - element.clientHeight / 2;
  };

  const shown = hovered ?? (holds ? slot : null);
  const row = shown === null ? undefined : layout.order[shown];
  const corner = shown === null ? null : place(layout, shown);
  return (
    <div className="rotation-cells" ref={window_}>
      <div
        className="rotation-sheet"
        style={{ height: layout.height }}
        tabIndex={0}
        role="application"
        aria-label={`${t("rotation.board.label", { count: rows.length })}. ${t("rotation.board.hint")}`}
        onPointerMove={over}
        onPointerLeave={() => setHovered(null)}
        onClick={() => {
          const at = hovered === null ? undefined : layout.order[hovered];
          if (at === undefined || hovered === null) return;
          setFocused(hovered);
          open(looks.camera[at] ?? "");
        }}
        onKeyDown={onKeyDown}
        onFocus={() => setHolds(true)}
        onBlur={() => setHolds(false)}
      >
        <canvas ref={canvas} className="rotation-canvas" aria-hidden />
        {layout.blocks.map((block) => (
          <div key={block.group} className="rotation-block" style={{ top: block.y, height: HEADER }} aria-hidden>
            {block.group < 0 ? t("rotation.group.none") : groups[block.group]?.name[language]} <span className="muted">{block.count}</span>
          </div>
        ))}
        {corner && <div className="rotation-mark" style={{ left: corner.x - 2, top: corner.y - 2, width: size, height: size }} aria-hidden />}
        {corner && row !== undefined && (
          <div className={`rotation-said${corner.x > box.width / 2 ? " left" : ""}`} style={{ top: corner.y + pitch + 6, ...(corner.x > box.width / 2 ? { right: box.width - corner.x - pitch } : { left: corner.x }) }} aria-hidden>
            <strong>{looks.name[row]}</strong>
            {said(row).map((line) => (
              <span key={line}>{line}</span>
            ))}
          </div>
        )}
      </div>
      <span className="unseen" role="status">
        {holds && layout.order[slot] !== undefined ? [looks.name[layout.order[slot]], ...said(layout.order[slot])].join(", ") : ""}
      </span>
    </div>
  );
}

/** Keeps the canvas as the board stands: whole after a change of what is where, else only the cells that look different. */
function useDrawing(
  canvas: { current: HTMLCanvasElement | null },
  window_: { current: HTMLDivElement | null },
  layout: Layout,
  looks: BoardLooks,
  standing: Standing,
  box: { width: number; height: number },
  size: number,
  theme: string,
): void {
  const latest = useRef({ looks, standing });
  latest.current = { looks, standing };
  useEffect(() => {
    const element = canvas.current;
    const to = element?.getContext("2d");
    const scrolled = window_.current;
    if (!element || !to || !scrolled || box.width === 0) return;
    const scale = Math.min(2, window.devicePixelRatio || 1);
    element.width = Math.round(box.width * scale);
    element.height = Math.round(box.height * scale);
    element.style.width = `${box.width}px`;
    element.style.height = `${box.height}px`;
    const palette: Palette = { ground: colour("raised"), text: colour("text"), line: colour("line"), muted: colour("muted") };
    const drawn = new Int16Array(layout.order.length).fill(-1);
    let top = -1;
    let second = -1;
    let before: Standing | null = null;
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const { looks: l, standing: s } = latest.current;
      const now = clock(s);
      const scrolls = scrolled.scrollTop !== top;
      if (!scrolls && Math.floor(now) === second && before === s) return;
      to.setTransform(scale, 0, 0, scale, 0, -scrolled.scrollTop * scale);
      if (scrolls) {
        to.clearRect(0, scrolled.scrollTop, box.width, box.height);
        drawn.fill(-1);
        element.style.top = `${scrolled.scrollTop}px`;
      }
      for (const [from, end] of slotsBetween(layout, scrolled.scrollTop, scrolled.scrollTop + box.height)) {
        for (let slot = from; slot < end; slot++) {
          const row = layout.order[slot] ?? 0;
          const look = visual(s, row, l.period_s[row] ?? 7200, now);
          if (drawn[slot] === look) continue;
          const { x, y } = place(layout, slot);
          drawCell(to, x, y, size, look, palette);
          drawn[slot] = look;
        }
      }
      [top, second, before] = [scrolled.scrollTop, Math.floor(now), s];
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [canvas, window_, layout, box, size, theme]);
}
