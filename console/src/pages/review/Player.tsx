// The clip with what the detector saw drawn over it, frame by frame; where it cannot be played, its picture.
import { Button, Segmented } from "antd";
import { forwardRef, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Sighting, Zone } from "./api";
import { sourceOf } from "./clips";
import { paint, pictureIn, type Layers } from "./overlay";

export interface Controls {
  toggle: () => void;
  step: (frames: number) => void;
  speed: (by: 1 | -1) => void;
}

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const FRAME_S = 1 / 25;

interface Props {
  sighting: Sighting;
  zones: Zone[];
  layers: Layers;
  setLayers: (layers: Layers) => void;
}

export const Player = forwardRef<Controls, Props>(function Player({ sighting, zones, layers, setLayers }, controls) {
  const { t } = useTranslation();
  const stage = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef({ before: 0, seconds: FRAME_S });
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [rate, setRate] = useState(1);
  const [broken, setBroken] = useState(false);
  const from = sighting.clip?.from_s ?? null;
  const file = sighting.clip?.file;
  const still = sighting.key_frame ?? sighting.picture;
  // By content: links are signed anew with every answer, and a new address would start the clip over.
  const source = useMemo(() => (file ? sourceOf(file) : null), [file?.sha256]);
  const playable = source !== null && !broken;

  const draw = useCallback(
    (mediaTime: number) => {
      const [surface, box, shown] = [canvas.current, stage.current, video.current];
      const ink = surface?.getContext("2d");
      if (!surface || !box || !ink) return;
      const scale = window.devicePixelRatio || 1;
      const [width, height] = [Math.round(box.clientWidth * scale), Math.round(box.clientHeight * scale)];
      if (surface.width !== width || surface.height !== height) [surface.width, surface.height] = [width, height];
      const picture = pictureIn(width, height, shown?.videoWidth ?? 0, shown?.videoHeight ?? 0);
      paint(ink, picture, sighting, zones, layers, from === null ? null : mediaTime + from);
    },
    [sighting, zones, layers, from],
  );
  const latest = useRef(draw);
  latest.current = draw;

  useEffect(() => {
    latest.current(video.current?.currentTime ?? 0);
  }, [draw]);

  useEffect(() => {
    const element = video.current;
    const box = stage.current;
    if (!element || !box) return;
    let running = true;
    let handle = 0;
    const each = (time: number) => {
      latest.current(time);
      setAt(element.currentTime);
    };
    const byFrames = "requestVideoFrameCallback" in element;
    const onFrame = (_now: number, of: { mediaTime: number }) => {
      const passed = of.mediaTime - frame.current.before;
      if (passed > 0.005 && passed < 0.2) frame.current.seconds = passed / Math.max(1, element.playbackRate > 1 ? element.playbackRate : 1);
      frame.current.before = of.mediaTime;
      each(of.mediaTime);
      if (running) handle = element.requestVideoFrameCallback(onFrame);
    };
    const onTick = () => {
      each(element.currentTime);
      if (running) handle = requestAnimationFrame(onTick);
    };
    handle = byFrames ? element.requestVideoFrameCallback(onFrame) : requestAnimationFrame(onTick);
    const sized = new ResizeObserver(() => latest.current(element.currentTime));
    sized.observe(box);
    return () => {
      running = false;
      if (byFrames) element.cancelVideoFrameCallback(handle);
      else cancelAnimationFrame(handle);
      sized.disconnect();
    };
  }, [source, playable]);

  const faster = (by: 1 | -1) => {
    const place = SPEEDS.indexOf(rate) + by;
    setRate(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place))] ?? 1);
  };
  useEffect(() => {
    if (video.current) video.current.playbackRate = rate;
  }, [rate, source]);

  const toggle = () => {
    const element = video.current;
    if (element?.paused) void element.play().catch(() => undefined);
    else element?.pause();
  };
  const step = (frames: number) => {
    const element = video.current;
    if (!element) return;
    element.pause();
    element.currentTime = Math.min(element.duration || 0, Math.max(0, element.currentTime + frames * frame.current.seconds));
  };
  useImperativeHandle(controls, () => ({ toggle, step, speed: faster }));

  const begun = () => {
    const name = "review:first-clip";
    if (performance.getEntriesByName(name).length === 0) performance.mark(name);
    setLength(video.current?.duration ?? 0);
    latest.current(0);
  };
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const best = from !== null && sighting.best_at !== null && length > 0 ? (sighting.best_at - from) / length : null;
  return (
    <div className="rv-player">
      <div ref={stage} className="rv-stage">
        {playable ? (
          <video
            ref={video}
            key={source}
            src={source}
            muted
            loop
            playsInline
            autoPlay={!calm}
            preload="auto"
            aria-label={t("review.clip")}
            onLoadedData={begun}
            onPlay={() => setPlaying(true)}
            onPause={() => setPlaying(false)}
            onError={() => setBroken(true)}
          />
        ) : still?.url ? (
          <img src={still.url} alt={t("review.picture")} />
        ) : (
          <p className="rv-none">{t("review.noPicture")}</p>
        )}
        {playable && <canvas ref={canvas} aria-hidden />}
        {!playable && <p className="rv-note">{t(file ? "review.notPlayable" : "review.noClip")}</p>}
        {playable && from === null && <p className="rv-note">{t("review.noTime")}</p>}
      </div>
      <div className="rv-controls">
        <Button onClick={toggle} disabled={!playable} aria-label={t(playing ? "review.pause" : "review.play")}>
          {playing ? "❚❚" : "►"}
        </Button>
        <Button onClick={() => step(-1)} disabled={!playable} aria-label={t("review.back")}>
          ◂❙
        </Button>
        <Button onClick={() => step(1)} disabled={!playable} aria-label={t("review.on")}>
          ❙▸
        </Button>
        <span className="rv-seek">
          <input
            type="range"
            min={0}
            max={length || 1}
            step={0.01}
            value={at}
            disabled={!playable}
            aria-label={t("review.seek")}
            aria-valuetext={`${at.toFixed(1)} s`}
            onChange={(event) => {
              if (video.current) video.current.currentTime = Number(event.target.value);
            }}
          />
          {best !== null && best >= 0 && best <= 1 && <span className="rv-best" style={{ left: `${100 * best}%` }} title={t("review.best")} />}
        </span>
        <span className="rv-time">
          {at.toFixed(1)} / {length.toFixed(1)} s
        </span>
        <Segmented size="small" aria-label={t("review.speed")} options={SPEEDS.map((speed) => ({ value: speed, label: `${speed}×` }))} value={rate} onChange={setRate} />
        <span className="rv-layers" role="group" aria-label={t("review.layers")}>
          {(["boxes", "tracks", "zones"] as const).map((layer) => (
            <Button key={layer} size="small" type={layers[layer] ? "primary" : "default"} aria-pressed={layers[layer]} onClick={() => setLayers({ ...layers, [layer]: !layers[layer] })}>
              {t(`review.${layer}`)}
            </Button>
          ))}
        </span>
      </div>
    </div>
  );
});
