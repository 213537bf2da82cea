// Zones on a camera's picture: drawn and moved by mouse, finger or keyboard; a polygon that crosses itself is refused at once.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { registry, type Point } from "./api";
import { freeName, moveAll, movePoint, nudge, split, withoutPoint, ZONE_KINDS, type Zone, type ZoneKind } from "./geometry";
import { ZonePicture } from "./ZonePicture";
import { ZoneForm } from "./ZoneForm";

/** Where drawing by keyboard begins. */
const RECTANGLE: Point[] = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]];

interface Props {
  camera: string;
  preset: string | null;
  zones: unknown;
  set: (zones: Zone[]) => void;
  changed: boolean;
}

export function ZoneEditor({ camera, preset, zones, set, changed }: Props) {
  const { t } = useTranslation();
  const kept = (zones as Zone[] | undefined) ?? [];
  const picture = useQuery({ queryKey: ["zone-picture", camera, preset], queryFn: () => registry.picture(camera, preset), retry: false, staleTime: Infinity, refetchInterval: false, refetchOnWindowFocus: false });
  const [shown, setShown] = useState(kept);
  const [chosen, setChosen] = useState<number | null>(kept.length > 0 ? 0 : null);
  const [drawing, setDrawing] = useState<Point[] | null>(null);
  const [kind, setKind] = useState<ZoneKind>("road");
  const [refused, setRefused] = useState<string | null>(null);
  const [past, setPast] = useState<Zone[][]>([]);
  const sound = useRef(kept);
  const tries = useRef(0);
  const said = JSON.stringify(kept);
  useEffect(() => {
    sound.current = JSON.parse(said) as Zone[];
    setShown(sound.current);
  }, [said]);

  const keep = (next: Zone[]) => {
    const before = sound.current;
    setPast((was) => [...was, before].slice(-100));
    sound.current = next;
    setShown(next);
    setRefused(null);
    set(next);
  };
  // What is drawn stands at once; what the service finds crossing itself goes back to the last that was sound. An answer that
  // the next key has overtaken counts for nothing.
  const tryOut = async (next: Zone[], index: number) => {
    const turn = ++tries.current;
    setShown(next);
    try {
      const { problem } = await registry.checkZone(next[index]?.polygon ?? []);
      if (turn !== tries.current) return false;
      if (problem === null) {
        keep(next);
        return true;
      }
      setRefused(t("admin.zones.refused", { problem }));
    } catch (error) {
      if (turn !== tries.current) return false;
      setRefused((error as Error).message);
    }
    setShown(sound.current);
    return false;
  };
  const reshape = (index: number, polygon: Point[]) => void tryOut(shown.map((zone, i) => (i === index ? { ...zone, polygon } : zone)), index);
  const finish = async (points: Point[]) => {
    const zone: Zone = { name: freeName(kind, shown), kind, polygon: points };
    if (await tryOut([...shown, zone], shown.length)) {
      setDrawing(null);
      setChosen(shown.length);
    }
  };
  const undo = () => {
    if (drawing !== null) {
      setDrawing(drawing.length > 0 ? drawing.slice(0, -1) : null);
      return;
    }
    // What the service has not answered yet is the last change; its answer comes too late then.
    tries.current++;
    if (shown !== sound.current) {
      setShown(sound.current);
      return;
    }
    const before = past[past.length - 1];
    if (!before) return;
    setPast(past.slice(0, -1));
    sound.current = before;
    setShown(before);
    setRefused(null);
    set(before);
    setChosen((was) => (was !== null && was < before.length ? was : before.length > 0 ? 0 : null));
  };
  const zone = chosen === null ? undefined : shown[chosen];
  return (
    <div
      className="ad-zones"
      onKeyDown={(event) => {
        if (event.key === "z" && (event.ctrlKey || event.metaKey) && !(event.target instanceof HTMLInputElement)) {
          event.preventDefault();
          undo();
        }
        if (event.key === "Escape" && drawing !== null) setDrawing(null);
      }}
    >
      <div className="ad-tools">
        {drawing === null ? (
          <>
            <select aria-label={t("admin.zones.newKind")} value={kind} onChange={(event) => setKind(event.target.value as ZoneKind)}>
              {ZONE_KINDS.map((key) => (
                <option key={key} value={key}>
                  {t(`admin.zones.kinds.${key}`)}
                </option>
              ))}
            </select>
            <Button onClick={() => setDrawing([])}>{t("admin.zones.draw")}</Button>
            <Button onClick={() => void finish(RECTANGLE)}>{t("admin.zones.rectangle")}</Button>
          </>
        ) : (
          <>
            <span role="status">{t("admin.zones.points", { count: drawing.length })}</span>
            <Button type="primary" disabled={drawing.length < 3} onClick={() => void finish(drawing)}>
              {t("admin.zones.finish")}
            </Button>
            <Button onClick={() => setDrawing(null)}>{t("shell.cancel")}</Button>
          </>
        )}
        <Button disabled={drawing === null && past.length === 0 && shown === sound.current} onClick={undo}>
          {t("admin.zones.undo")}
        </Button>
        {changed && <span className="ad-changed">{t("admin.changed")}</span>}
      </div>
      <div aria-live="assertive">{refused && <Alert type="error" showIcon message={refused} />}</div>
      <ZonePicture
        picture={picture.data ?? null}
        missing={picture.error === null ? null : picture.error instanceof ApiError && picture.error.status === 404 ? t("admin.zones.noPicture") : picture.error.message}
        zones={shown}
        chosen={chosen}
        choose={setChosen}
        drawing={drawing}
        draw={(point) => setDrawing((was) => [...(was ?? []), point])}
        finish={() => drawing && drawing.length >= 3 && void finish(drawing)}
        drag={(index, polygon) => setShown(shown.map((one, i) => (i === index ? { ...one, polygon } : one)))}
        drop={reshape}
      />
      <p className="muted">{t("admin.zones.how")}</p>
      <ul className="ad-zone-list" aria-label={t("admin.zones.list")}>
        {shown.map((one, i) => (
          <li key={`${i}-${one.name}`}>
            <button type="button" aria-pressed={i === chosen} onClick={() => setChosen(i)}>
              <span className={`ad-swatch ${one.kind}`} aria-hidden /> {one.name} · {t(`admin.zones.kinds.${one.kind}`)}
            </button>
          </li>
        ))}
      </ul>
      {zone && chosen !== null && (
        <ZoneForm
          zone={zone}
          others={shown.filter((_, i) => i !== chosen)}
          set={(next) => keep(shown.map((one, i) => (i === chosen ? next : one)))}
          remove={() => {
            keep(shown.filter((_, i) => i !== chosen));
            setChosen(shown.length > 1 ? 0 : null);
          }}
          press={(index, key, far) => {
            const by = nudge(key, far);
            if (by === null) return false;
            reshape(chosen, index === null ? moveAll(zone.polygon, ...by) : movePoint(zone.polygon, index, ...by));
            return true;
          }}
          split={(index) => reshape(chosen, split(zone.polygon, index))}
          less={(index) => reshape(chosen, withoutPoint(zone.polygon, index))}
        />
      )}
    </div>
  );
}
