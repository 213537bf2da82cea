// Where it is: the camera among its neighbours, drawn without tiles, so that it needs no internet.
import { useTranslation } from "react-i18next";
import type { MapOf } from "./api";

const WIDTH = 340;
const HEIGHT = 190;
const EDGE = 24;
const KM_A_DEGREE = 111.3;
const STEPS_KM = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

export interface Dot {
  x: number;
  y: number;
}

/** Pixels from places: the camera in the middle, everything in sight, north above. Also how many pixels make a kilometre. */
export function projected(map: MapOf): { dots: Dot[]; perKm: number } {
  const flat = map.neighbours.map((n) => ({ x: (n.lon - map.lon) * Math.cos((map.lat * Math.PI) / 180) * KM_A_DEGREE, y: (n.lat - map.lat) * KM_A_DEGREE }));
  const across = Math.max(0.2, ...flat.map((p) => Math.abs(p.x)));
  const down = Math.max(0.2, ...flat.map((p) => Math.abs(p.y)));
  const perKm = Math.min((WIDTH / 2 - EDGE) / across, (HEIGHT / 2 - EDGE) / down);
  return { dots: flat.map((p) => ({ x: WIDTH / 2 + p.x * perKm, y: HEIGHT / 2 - p.y * perKm })), perKm };
}

export function Where({ map, name }: { map: MapOf; name: string }) {
  const { t } = useTranslation();
  const { dots, perKm } = projected(map);
  const bar = STEPS_KM.filter((km) => km * perKm <= WIDTH / 3).at(-1) ?? STEPS_KM[0] ?? 0.1;
  return (
    <figure className="rv-map">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("review.mapOf", { name, count: map.neighbours.length })}>
        {map.neighbours.map((neighbour, i) => (
          <circle key={neighbour.camera} cx={dots[i]?.x} cy={dots[i]?.y} r={neighbour.waiting > 0 ? 6 : 4} className={neighbour.waiting > 0 ? "rv-dot rv-dot-waiting" : "rv-dot"}>
            <title>{neighbour.waiting > 0 ? `${neighbour.name} · ${t("review.waitingThere", { count: neighbour.waiting })}` : neighbour.name}</title>
          </circle>
        ))}
        <circle cx={WIDTH / 2} cy={HEIGHT / 2} r={11} className="rv-here-ring" />
        <circle cx={WIDTH / 2} cy={HEIGHT / 2} r={5} className="rv-here">
          <title>{name}</title>
        </circle>
        <path d={`M 10 ${HEIGHT - 10} h ${bar * perKm}`} className="rv-scale" />
        <text x={10} y={HEIGHT - 16}>
          {bar < 1 ? `${bar * 1000} m` : `${bar} km`}
        </text>
      </svg>
      <figcaption className="muted">
        {map.lon.toFixed(4)}, {map.lat.toFixed(4)} ({map.datum})
      </figcaption>
    </figure>
  );
}
