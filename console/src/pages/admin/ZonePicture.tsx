// The picture with the zones over it. A click adds a point while drawing; points, sides and whole zones are dragged.
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "./api";
import { middle, moveAll, movePoint, place, split, type Zone } from "./geometry";

interface Props {
  picture: Blob | null;
  /** Why there is no picture; null: there is one, or it is still coming. */
  missing: string | null;
  zones: Zone[];
  chosen: number | null;
  choose: (index: number) => void;
  drawing: Point[] | null;
  draw: (point: Point) => void;
  finish: () => void;
  drag: (index: number, polygon: Point[]) => void;
  drop: (index: number, polygon: Point[]) => void;
}

/** What the pointer holds: a point of a zone, or all of it (null), as it was when it was taken. */
interface Held {
  zone: number;
  point: number | null;
  polygon: Point[];
  from: Point;
}

const path = (polygon: Point[]) => polygon.map(([x, y]) => `${1000 * x},${1000 * y}`).join(" ");
const at = ([x, y]: Point) => ({ left: `${100 * x}%`, top: `${100 * y}%` });

export function ZonePicture({ picture, missing, zones, chosen, choose, drawing, draw, finish, drag, drop }: Props) {
  const { t } = useTranslation();
  const board = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (picture === null) return;
    const made = URL.createObjectURL(picture);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);

  const spot = (event: PointerEvent): Point => {
    const box = board.current?.getBoundingClientRect();
    if (!box) return [0, 0];
    return place((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  const moved = (from: Held, event: PointerEvent): Point[] => {
    const [x, y] = spot(event);
    const [dx, dy] = [x - from.from[0], y - from.from[1]];
    return from.point === null ? moveAll(from.polygon, dx, dy) : movePoint(from.polygon, from.point, dx, dy);
  };
  const take = (zone: number, point: number | null, polygon: Point[]) => (event: PointerEvent) => {
    if (drawing !== null || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    choose(zone);
    board.current?.setPointerCapture(event.pointerId);
    setHeld({ zone, point, polygon, from: spot(event) });
  };
  const active = chosen === null ? undefined : zones[chosen];
  return (
    <div
      ref={board}
      className={drawing === null ? "ad-picture" : "ad-picture drawing"}
      role="group"
      aria-label={t("admin.zones.picture")}
      onPointerDown={(event) => drawing !== null && event.button === 0 && draw(spot(event))}
      onPointerMove={(event) => held && drag(held.zone, moved(held, event))}
      onPointerUp={(event) => {
        if (!held) return;
        const polygon = moved(held, event);
        setHeld(null);
        if (JSON.stringify(polygon) !== JSON.stringify(zones[held.zone]?.polygon) || JSON.stringify(polygon) !== JSON.stringify(held.polygon)) drop(held.zone, polygon);
      }}
      onPointerCancel={() => {
        if (held) drag(held.zone, held.polygon);
        setHeld(null);
      }}
    >
      {url !== null ? <img src={url} alt={t("admin.zones.picture")} draggable={false} /> : <div className="ad-no-picture">{missing ?? t("shell.loading")}</div>}
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden>
        {zones.map((zone, i) => (
          <polygon key={i} className={`ad-polygon ${zone.kind}${i === chosen ? " chosen" : ""}`} points={path(zone.polygon)} onPointerDown={take(i, null, zone.polygon)} />
        ))}
        {drawing !== null && <polyline className="ad-drawing" points={path(drawing)} />}
      </svg>
      {zones.map((zone, i) => (
        <span key={i} className={`ad-label ${zone.kind}`} style={at(middle(zone.polygon))} aria-hidden>
          {zone.name} · {t(`admin.zones.kinds.${zone.kind}`)}
        </span>
      ))}
      {drawing === null &&
        active &&
        chosen !== null &&
        active.polygon.map((point, i) => {
          const halved = split(active.polygon, i);
          return (
            <span key={i} aria-hidden>
              <span className="ad-handle" style={at(point)} onPointerDown={take(chosen, i, active.polygon)} />
              <span className="ad-handle half" style={at(halved[i + 1] ?? point)} onPointerDown={take(chosen, i + 1, halved)} />
            </span>
          );
        })}
      {drawing?.map((point, i) => (
        <span
          key={i}
          className={i === 0 ? "ad-handle first" : "ad-handle"}
          style={at(point)}
          aria-hidden
          onPointerDown={(event) => {
            // A click on the first point closes the zone.
            if (i !== 0) return;
            event.stopPropagation();
            finish();
          }}
        />
      ))}
    </div>
  );
}
