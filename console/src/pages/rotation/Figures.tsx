// The page's head: worst gap, load and what is foreseen, and what is wrong now; a figure leads to what it counts.
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { duration, moment } from "../../format";
import { useMe } from "../../shell/me";
import { useSentences } from "../../shell/Problems";
import { board } from "./api";
import type { Counts, Wanted } from "./choose";

export function Figures({ counts, only, show, misses }: { counts: Counts | null; only: Wanted["only"]; show: (only: Wanted["only"]) => void; misses: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const zone = me.county.timezone;
  const status = useQuery({ queryKey: ["status"], queryFn: api.status, enabled: me.may.includes("status.read") });
  const unsigned = useQuery({ queryKey: ["misses", "figures"], queryFn: board.unsigned, enabled: me.may.includes("miss.read") });
  const sentences = useSentences(status.data);
  const now = status.data?.rotation;
  const ahead = now?.forecast;
  const peak = ahead ? `${Math.round(ahead.peak_load * 100)}%` : "";
  const forecast = !now
    ? "\u00a0"
    : !ahead
      ? t("rotation.forecast.none")
      : ahead.first_broken
        ? t("rotation.forecast.breaks", { at: moment(ahead.first_broken.at, zone), broken: ahead.broken, peak })
        : t("rotation.forecast.fine", { until: moment(ahead.until, zone), peak });
  return (
    <>
      {sentences.map((sentence) => (
        <Alert key={sentence} className="rotation-problem" type="warning" showIcon message={sentence} />
      ))}
      <section className="rotation-figures">
      <div className="rotation-figure">
        <span className="muted">{t("rotation.figures.worstGap")}</span>
        <strong>{duration(now?.worst_gap_s)}</strong>
      </div>
      <div className="rotation-figure rotation-load">
        <span className="muted">{t("rotation.figures.load")}</span>
        <strong className={now && now.load > 1 ? "bad" : ""}>{now ? `${Math.round(now.load * 100)}%` : "–"}</strong>
        <meter min={0} max={1.5} high={0.9} optimum={0} value={Math.min(1.5, now?.load ?? 0)} aria-label={t("rotation.figures.load")} />
        <span className={ahead?.first_broken ? "bad forecast" : "muted forecast"} title={forecast}>
          {forecast}
        </span>
      </div>
      {(["late", "away", "unusable"] as const).map((key) => (
        <button key={key} type="button" className="rotation-figure" aria-pressed={only === key} onClick={() => show(key)}>
          <span className="muted">{t(`rotation.figures.${key}`)}</span>
          <strong className={counts && counts[key] > 0 ? "bad" : ""}>{counts ? counts[key] : "–"}</strong>
        </button>
      ))}
      {me.may.includes("miss.read") && (
        <button type="button" className="rotation-figure" onClick={misses}>
          <span className="muted">{t("rotation.figures.unsigned")}</span>
          <strong className={(unsigned.data?.unsigned ?? 0) > 0 ? "bad" : ""}>{unsigned.data?.unsigned ?? "–"}</strong>
        </button>
      )}
      </section>
    </>
  );
}

/** Which model judges, at the foot of the page. */
export function Model() {
  const { t } = useTranslation();
  const me = useMe();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status, enabled: me.may.includes("status.read") });
  return <p className="muted">{status.data ? `${t("model")}: ${status.data.model ?? t("modelNone")} · ${status.data.version}` : "\u00a0"}</p>;
}
