// One camera: what it shows, how its looks stand, what became of the last ones.
import { useQuery } from "@tanstack/react-query";
import { Drawer, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { duration, moment } from "../../format";
import type { Language } from "../../i18n";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { board, type BoardCamera } from "./api";

const ZONES: Record<string, string> = { road: "#ffa000", sky: "#4fc3f7", water: "#448aff", bank: "#ffd54f", ignore: "#bdbdbd", private: "#bdbdbd" };

export function CameraDrawer({ id, close, zone }: { id: string | null; close: () => void; zone: string }) {
  const { t } = useTranslation();
  const camera = useQuery({ queryKey: ["rotation.camera", id], queryFn: () => board.camera(id ?? ""), enabled: id !== null });
  return (
    <Drawer open={id !== null} onClose={close} width={Math.min(620, window.innerWidth)} title={camera.data?.name ?? id} closable={{ "aria-label": t("close") }}>
      {camera.error && !camera.data && <Failed error={camera.error} again={() => void camera.refetch()} />}
      {camera.isPending && id !== null && <Loading lines={10} />}
      {camera.data && <Camera camera={camera.data} zone={zone} />}
    </Drawer>
  );
}

function Camera({ camera, zone }: { camera: BoardCamera; zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return (
    <div className="rotation-camera">
      <p className="muted">
        {[camera.id, camera.place, camera.platform[language], ...camera.categories.map((c) => c[language])].join(" · ")}
        {camera.paused && <Tag>{t("rotation.camera.pausedBecause", { why: camera.paused })}</Tag>}
      </p>
      {camera.looks.map((look) => (
        <section key={look.key} aria-label={look.preset ?? camera.name}>
          <div className="rotation-picture">
            {look.picture ? <img src={look.picture.url} alt={t("rotation.camera.picture", { time: moment(look.picture.at, zone) })} /> : <span className="muted">{t("rotation.wall.none")}</span>}
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden>
              {look.zones.map((z) => (
                <polygon key={z.name} points={z.polygon.map((point) => point.join(",")).join(" ")} fill="none" stroke={ZONES[z.kind] ?? "#fff"} strokeWidth="2" vectorEffect="non-scaling-stroke" />
              ))}
            </svg>
          </div>
          <p>
            {look.preset && <strong>{look.preset} </strong>}
            <Tag color={look.state === "late" || look.state === "away" ? "error" : "default"}>{t(`rotation.states.${look.state}`)}</Tag>
            {t("rotation.inspectedAt")} {moment(look.last_inspected_at, zone) || t("never")} · {t("due")} {moment(look.deadline, zone) || "–"} · {t("rotation.camera.period", { time: duration(look.period_s) })}
            {look.failures > 0 && ` · ${t("rotation.failures", { count: look.failures })}`}
            {look.picture && <span className="muted"> · {t("rotation.camera.picture", { time: moment(look.picture.at, zone) })}</span>}
          </p>
          {look.zones.length > 0 && (
            <p className="muted">
              {t("rotation.camera.zones")}: {look.zones.map((z) => `${z.name} (${z.kind})`).join(", ")}
            </p>
          )}
        </section>
      ))}
      <h3>{t("rotation.camera.gaps")}</h3>
      <Gaps camera={camera} zone={zone} />
      <h3>{t("rotation.camera.visits")}</h3>
      {camera.visits.length === 0 && <p className="muted">{t("rotation.camera.noVisits")}</p>}
      <ul className="rotation-list">
        {camera.visits.map((visit) => (
          <li key={visit.id}>
            <span className="time">{moment(visit.at, zone)}</span>
            <span className={`rotation-outcome ${visit.outcome}`}>
              {t(`outcomes.${visit.outcome}`)}
              {visit.cause ? ` · ${t(`causes.${visit.cause}`, visit.cause)}` : ""}
            </span>
            {visit.gap_s !== null && <span className="muted">{duration(visit.gap_s)}</span>}
            {visit.outcome === "inspected" && !visit.judged && <span className="muted">{t("notJudged")}</span>}
          </li>
        ))}
      </ul>
      <h3>{t("rotation.camera.outages")}</h3>
      {camera.outages.length === 0 && <p className="muted">{t("rotation.camera.noOutages")}</p>}
      <ul className="rotation-list">
        {camera.outages.map((outage) => (
          <li key={`${outage.look} ${outage.started_at}`}>
            <span>
              {moment(outage.started_at, zone)} – {outage.ended_at ? moment(outage.ended_at, zone) : t("rotation.camera.goesOn")}
            </span>
            <Tag>{t(`causes.${outage.cause}`, outage.cause)}</Tag>
            <span className="muted">{t("rotation.camera.times", { count: outage.looks })}</span>
          </li>
        ))}
      </ul>
      <h3>{t("rotation.camera.checks")}</h3>
      {camera.spot_checks.length === 0 && <p className="muted">{t("rotation.camera.noChecks")}</p>}
      <ul className="rotation-list">
        {camera.spot_checks.map((check) => (
          <li key={check.at}>
            <span className="time">{moment(check.at, zone)}</span>
            <Tag>{t(`rotation.camera.answers.${check.answer ?? "open"}`)}</Tag>
            {check.kind && <span>{t(`kinds.${check.kind}`, check.kind)}</span>}
            {check.who && <span className="muted">{check.who}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

// A bar a gap, as high as it was long; the line is the period.
function Gaps({ camera, zone }: { camera: BoardCamera; zone: string }) {
  const { t } = useTranslation();
  const period = Math.min(...camera.looks.map((look) => look.period_s));
  const longest = Math.max(period * 1.25, ...camera.gaps.map((gap) => gap.gap_s ?? 0));
  if (camera.gaps.length === 0) return <p className="muted">{t("rotation.camera.noGaps")}</p>;
  return (
    <ol className="rotation-gaps" style={{ "--period": `${(100 * period) / longest}%` } as React.CSSProperties}>
      {camera.gaps.map((gap) => {
        const words = t("rotation.camera.gapBar", { time: moment(gap.at, zone), gap: duration(gap.gap_s) });
        return (
          <li key={gap.id} title={words} className={(gap.gap_s ?? 0) > period ? "over" : ""} style={{ height: `${(100 * (gap.gap_s ?? 0)) / longest}%` }}>
            <span className="unseen">{words}</span>
          </li>
        );
      })}
    </ol>
  );
}
