// What became of one clip or picture, step by step, without the picture itself.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { because, nameOf } from "../../parts/retention/said";
import { useMe } from "../../shell/me";
import { useWhy } from "./Audit";
import { logs, type Trace, type TraceFile, type TraceIncident } from "./api";

const SHA = /^[0-9a-f]{64}$/;

export function TraceLog({ sha256, choose }: { sha256: string; choose: (sha256: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(sha256);
  const [wrong, setWrong] = useState(false);
  const asked = SHA.test(sha256);
  const query = useQuery({ queryKey: ["trace", sha256], queryFn: () => logs.trace(sha256), enabled: asked, retry: false });
  const missing = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <form
        className="log-filter"
        role="search"
        aria-label={t("logs.trace")}
        onSubmit={(event) => {
          event.preventDefault();
          const digits = typed.trim().toLowerCase();
          setWrong(!SHA.test(digits));
          if (SHA.test(digits)) choose(digits);
        }}
      >
        <label className="log-sha">
          {t("logs.sha")}
          <input type="text" value={typed} spellCheck={false} autoComplete="off" placeholder={t("logs.shaHint")} aria-invalid={wrong} aria-describedby="sha-said" onChange={(event) => setTyped(event.target.value)} />
        </label>
        <Button htmlType="submit" type="primary">
          {t("logs.trace")}
        </Button>
        <span id="sha-said" role="status" className="log-refused">
          {wrong && t("logs.shaWrong")}
        </span>
      </form>
      {!asked && <Empty title={t("logs.tabs.trace")} hint={t("logs.traceHow")} />}
      {missing && <Empty title={t("logs.noTrace")} hint={t("logs.noTraceHow")} />}
      {query.error && !missing && <Failed error={query.error} again={() => void query.refetch()} />}
      {asked && query.isPending && <Loading lines={12} />}
      {query.data && <Traced trace={query.data} />}
    </>
  );
}

function Traced({ trace }: { trace: Trace }) {
  const { t } = useTranslation();
  const whyOf = useWhy();
  const zone = useMe().county.timezone;
  return (
    <div className="trace">
      {trace.copy_of && <Alert type="info" showIcon message={t("logs.copyOf", { number: trace.copy_of })} />}
      {trace.files.map((file) => (
        <ol key={file.evidence} className="trace-steps">
          <FileSteps file={file} sha256={trace.sha256} />
          <Step title={t("logs.steps.export")} time={null}>
            {trace.exports.length === 0 && "–"}
            {trace.exports.map((copy) => (
              <p key={copy.number}>
                {copy.number} · {moment(copy.created_at, zone)} · {copy.by} → {copy.recipient_unit} · {copy.reason}
                {copy.unmasked && <strong className="log-refused"> · {t("logs.hows.unmasked")}</strong>}
              </p>
            ))}
          </Step>
          <Step title={t("logs.steps.call")} time={null}>
            {trace.calls.length === 0 && t("logs.noCalls")}
            {trace.calls.map((call) => (
              <p key={call.seq}>
                {moment(call.at, zone)} · {call.shown} ({call.unit ?? t("logs.centre")}) · {t(`logs.hows.${call.how}`, call.how)} · {whyOf(call.why)}
              </p>
            ))}
          </Step>
        </ol>
      ))}
    </div>
  );
}

function FileSteps({ file, sha256 }: { file: TraceFile; sha256: string }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  return (
    <>
      <Step title={t("logs.steps.file")} time={null}>
        <p>
          {t(`logs.whats.${file.role}`, file.role)} · {file.media_type} · {t("logs.bytes", { size: Math.ceil(file.bytes / 1024) })}
        </p>
        <p>
          <code className="trace-sha">{sha256}</code>
        </p>
        <p className={file.on_disk === "there" || file.purge ? "trace-good" : "log-refused"}>{t(file.purge ? "logs.onDisk.purged" : `logs.onDisk.${file.on_disk}`)}</p>
        <p className="muted">
          {file.purge
            ? t("logs.purged", { at: moment(file.purge.at, zone), run: file.purge.run, reason: file.purge.reason })
            : t("logs.keptUntil", { until: moment(file.retention.until, zone), key: nameOf(file.retention.key, t) })}
          {file.retention.holds.map((why) => (
            <span key={why}> · {because(why, t)}</span>
          ))}
        </p>
      </Step>
      <Step title={t("logs.steps.look")} time={moment(file.visit.started_at, zone)}>
        <p>
          {file.visit.camera_name ?? file.visit.camera} {file.visit.preset} · {t(`outcomes.${file.visit.outcome}`, file.visit.outcome)}
        </p>
        <p className="muted">{file.visit.id}</p>
      </Step>
      <Step title={t("logs.steps.chain")} time={file.link && moment(file.link.at, zone)}>
        {file.link ? (
          <>
            <p>{t("logs.position", { position: file.link.position })}</p>
            <p>
              <code className="trace-sha">{file.link.hash}</code>
            </p>
          </>
        ) : (
          t("logs.notSealed")
        )}
      </Step>
      {file.incidents.length === 0 && (
        <Step title={t("logs.steps.incident")} time={null}>
          {t("logs.noIncident")}
        </Step>
      )}
      {file.incidents.map((incident) => (
        <IncidentSteps key={incident.id} incident={incident} />
      ))}
    </>
  );
}

function IncidentSteps({ incident }: { incident: TraceIncident }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  return (
    <>
      <Step title={t("logs.steps.incident")} time={moment(incident.first_seen_at, zone)}>
        <p>
          {t(`kinds.${incident.kind}`, incident.kind)} · {t(`states.${incident.state}`, incident.state)}
        </p>
        <p>{incident.summary}</p>
      </Step>
      {incident.reviews.map((review) => (
        <Step key={review.at} title={t("logs.steps.review")} time={moment(review.at, zone)}>
          {t(`reviewed.${review.verdict}`, review.verdict)} · {review.reviewer}
          {review.reason && ` · ${review.reason}`}
        </Step>
      ))}
      {incident.alerts.map((alert) => (
        <Step key={alert.id} title={t("logs.steps.alert")} time={moment(alert.created_at, zone)}>
          {alert.department} · {t(`types.${alert.type}`, alert.type)} · {t(`states.${alert.state}`, alert.state)}
        </Step>
      ))}
    </>
  );
}

function Step({ title, time, children }: { title: string; time: string | null; children: ReactNode }) {
  return (
    <li>
      <h3>
        {title} {time && <span className="muted">{time}</span>}
      </h3>
      <div>{children}</div>
    </li>
  );
}
