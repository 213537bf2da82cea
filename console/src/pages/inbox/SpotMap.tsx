// Where it is, without a map server: a drawing to scale with the spot in its middle, the coordinates, and the way there.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Matter } from "./api";
import { between } from "./standing";

const RINGS_M = [250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

export function SpotMap({ spot }: { spot: Matter["spot"] }) {
  const { t } = useTranslation();
  const [own, setOwn] = useState<{ lon: number; lat: number } | null>(null);
  const [said, setSaid] = useState("");
  if (spot.lon === null || spot.lat === null) return <p className="muted">{t("inbox.noPlace")}</p>;
  const there = { lon: spot.lon, lat: spot.lat };
  const text = `${spot.lat.toFixed(6)},${spot.lon.toFixed(6)}`;
  const way = own && between(own, there);
  const ring = RINGS_M.find((metres) => metres >= (way?.metres ?? 0)) ?? 50_000;
  const far = (metres: number) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`);
  const locate = () => {
    setSaid(t("inbox.locating"));
    navigator.geolocation.getCurrentPosition(
      (found) => {
        setOwn({ lon: found.coords.longitude, lat: found.coords.latitude });
        setSaid("");
      },
      () => setSaid(t("inbox.notLocated")),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t("inbox.copied"));
    } catch {
      setSaid(t("inbox.notCopied", { text }));
    }
  };
  // The drawing looks from the spot: the person stands at the opposite of the bearing that leads there.
  const at = way && { x: -Math.sin((way.bearing * Math.PI) / 180) * (way.metres / ring) * 90, y: Math.cos((way.bearing * Math.PI) / 180) * (way.metres / ring) * 90 };
  return (
    <section className="spot">
      <svg viewBox="-100 -100 200 200" role="img" aria-label={way ? t("inbox.mapWay", { far: far(way.metres) }) : t("inbox.map")}>
        {[90, 45].map((r) => (
          <circle key={r} r={r} className="spot-ring" />
        ))}
        <path d="M0-98V98M-98 0H98" className="spot-cross" />
        <text x="4" y="-84" className="spot-word">
          {t("inbox.north")}
        </text>
        <text x="50" y="12" className="spot-word">
          {far(ring / 2)}
        </text>
        {at && <line x1={at.x} y1={at.y} x2="0" y2="0" className="spot-way" />}
        {at && <circle cx={at.x} cy={at.y} r="6" className="spot-own" />}
        <path d="M0 0C-9-11-11-16-11-20a11 11 0 1 1 22 0c0 4-2 9-11 20z" className="spot-pin" />
      </svg>
      <div className="spot-said">
        <strong>{spot.place ?? spot.name}</strong>
        <span className="spot-numbers">
          {text} {spot.datum ?? ""}
        </span>
        {way && <span>{t("inbox.way", { far: far(way.metres), way: t(`inbox.winds.${Math.round(way.bearing / 45) % 8}`) })}</span>}
        <div className="spot-do">
          <a className="small-button" href={`geo:${text}?q=${text}(${encodeURIComponent(spot.name)})`}>
            {t("inbox.navigate")}
          </a>
          <button type="button" className="small-button" onClick={() => void copy()}>
            {t("inbox.copy")}
          </button>
          <button type="button" className="small-button" onClick={locate}>
            {t("inbox.locate")}
          </button>
        </div>
        <span role="status" className="muted">
          {said}
        </span>
      </div>
    </section>
  );
}
