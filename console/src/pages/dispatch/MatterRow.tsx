// One matter at one department: its steps and the time that is left, who is on duty, who was told after it, what can be done.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { CaseTag } from "../../parts/CaseTag";
import { RunDown } from "../../parts/RunDown";
import { useMe } from "../../shell/me";
import { dispatch, type Ack, type Matter } from "./api";
import { because, closedBecause, problemOf } from "../../parts/said";

const RANK: Record<string, number> = { told: 0, received: 1, accepted: 2, refused: 1, phoned: 3, on_scene: 4, disposed: 5 };
const STEPS = ["received", "accepted", "on_scene", "disposed"] as const;
type Step = (typeof STEPS)[number];

export function MatterRow({ matter, zone, name, call, silence }: { matter: Matter; zone: string; name: (id: string) => string; call: (whom: string, number: string) => void; silence: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [whole, setWhole] = useState(false);
  const again = useMutation({
    mutationFn: () => dispatch.again(matter.alert ?? ""),
    onSettled: () => queries.invalidateQueries({ queryKey: ["dispatches"] }),
  });
  const open = matter.closed_at === null;
  const waits = open && matter.state !== "refused" ? STEPS.find((step) => (RANK[step] ?? 0) > (RANK[matter.state] ?? 0)) : undefined;
  const refusal = [...matter.answers].reverse().find((answer) => answer.status === "refused");
  const eta = [...matter.answers].reverse().find((answer) => answer.eta_min !== null);
  return (
    <li className={`dispatch ${matter.rung > 0 && open ? "dispatch-late" : ""}`} aria-label={`${name(matter.department)} ${t(`kinds.${matter.kind}`)}`}>
      <div className="dispatch-head">
        <strong>{name(matter.department)}</strong>
        <Tag>{t(`parts.${matter.role}`, matter.role)}</Tag>
        <span>{t(`kinds.${matter.kind}`, matter.kind)}</span>
        <span className="muted">{matter.camera_name ?? matter.camera}</span>
        <Tag color={matter.state === "refused" ? "red" : open ? "processing" : "default"}>{t(`states.${matter.state}`, matter.state)}</Tag>
        {matter.alert_state === "queued" && <Tag color="gold">{t("dispatch.notLeft")}</Tag>}
        <span className="dispatch-timer">
          {waits && (matter.role !== "copy" || waits === "received") && <RunDown due={matter[`${waits}_by`]} since={matter.opened_at} left={(time) => t("dispatch.left", { step: t(`dispatch.steps.${waits}`), time })} over={(time) => t("dispatch.over", { step: t(`dispatch.steps.${waits}`), time })} />}
          {!open && <span className="muted">{closedBecause(matter.closed_because ?? "", t, name)}</span>}
        </span>
      </div>
      <Steps matter={matter} zone={zone} waits={waits} />
      {refusal && matter.state === "refused" && <p className="dispatch-refusal">{t("dispatch.refusal", { why: refusal.note ?? t("said.problems.noReason"), by: refusal.by ?? "" })}</p>}
      {eta && open && matter.state === "accepted" && <p>{t("dispatch.onWay", { minutes: eta.eta_min, time: moment(eta.reported_at ?? eta.at, zone) })}</p>}
      <div className="dispatch-people">
        <span className="muted">{t("onDuty")}</span>
        {matter.contacts.length === 0 && <span>{t("dispatch.nobody")}</span>}
        {matter.contacts.map((who) => (
          <span key={who.name}>
            {who.name} {who.phone && <a href={`tel:${who.phone.replace(/[^0-9+]/g, "")}`}>{who.phone}</a>}
          </span>
        ))}
      </div>
      <Told matter={matter} zone={zone} name={name} whole={whole} />
      <div className="dispatch-do">
        {me.may.includes("dispatch.call") && open && (
          <>
            <Button onClick={() => call(matter.contacts[0]?.name ?? "", matter.contacts[0]?.phone ?? "")}>{t("dispatch.recordCall")}</Button>
            <Popconfirm title={t("dispatch.againSure")} okText={t("dispatch.again")} onConfirm={() => again.mutate()}>
              <Button loading={again.isPending} disabled={matter.alert === null}>{t("dispatch.again")}</Button>
            </Popconfirm>
          </>
        )}
        {me.may.includes("dispatch.silence") && open && <Button onClick={silence}>{t("dispatch.silence")}</Button>}
        <Button type="text" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {t(whole ? "dispatch.less" : "dispatch.all", { count: matter.answers.length + matter.escalations.length })}
        </Button>
        <span className="dispatch-case">
          <CaseTag case={matter.case} />
        </span>
      </div>
      {again.error && <Alert type="error" showIcon message={again.error.message} />}
      {again.isSuccess && <p role="status">{t("dispatch.toldAgain")}</p>}
      {whole && <p className="dispatch-summary">{matter.summary}</p>}
      {whole && matter.answers.length > 0 && (
        <ul className="dispatch-answers">
          {matter.answers.map((answer, number) => (
            <Answer key={number} answer={answer} zone={zone} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Steps({ matter, zone, waits }: { matter: Matter; zone: string; waits: Step | undefined }) {
  const { t } = useTranslation();
  const done = (step: Step) => matter.answers.find((answer) => answer.taken && (RANK[answer.status] ?? 0) >= (RANK[step] ?? 0) && answer.status !== "refused");
  return (
    <ol className="dispatch-steps" aria-label={t("dispatch.stepLine")}>
      <li className="step-done">
        <span>{t("states.told")}</span>
        <span className="muted">{moment(matter.opened_at, zone)}</span>
      </li>
      {(matter.role === "copy" ? STEPS.slice(0, 1) : STEPS).map((step) => {
        const answer = done(step);
        const late = step === waits && Date.parse(matter[`${step}_by`]) < Date.now();
        return (
          <li key={step} className={answer ? "step-done" : late ? "step-late" : step === waits ? "step-now" : ""}>
            <span>{t(answer ? `states.${step}` : `dispatch.steps.${step}`)}</span>
            <span className="muted">{answer ? moment(answer.at, zone) : t("dispatch.by", { time: moment(matter[`${step}_by`], zone) })}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Told({ matter, zone, name, whole }: { matter: Matter; zone: string; name: (id: string) => string; whole: boolean }) {
  const { t } = useTranslation();
  if (matter.escalations.length === 0) return null;
  const shown = whole ? matter.escalations : matter.escalations.slice(-2);
  return (
    <ul className="dispatch-told">
      {shown.map((one) => (
        <li key={one.at + one.rung}>
          {moment(one.at, zone)} {t("dispatch.toldWho", { who: t(`rungs.${one.who}`, one.who), whom: name(one.whom) })}{" "}
          {one.phone && <a href={`tel:${one.phone.replace(/[^0-9+]/g, "")}`}>{one.phone}</a>} <span className="muted">{because(one.because, t, name)}</span>
        </li>
      ))}
    </ul>
  );
}

function Answer({ answer, zone }: { answer: Ack; zone: string }) {
  const { t } = useTranslation();
  return (
    <li>
      {moment(answer.reported_at ?? answer.at, zone)} <strong>{answer.eta_min !== null ? t("dispatch.wayIn", { minutes: answer.eta_min }) : t(`states.${answer.status}`, answer.status)}</strong> {answer.by}
      {answer.phone && (
        <span className="muted">
          {" "}
          {answer.phone.whom} {answer.phone.number} {answer.phone.outcome && t(`said.outcomes.${answer.phone.outcome}`, answer.phone.outcome)}
        </span>
      )}
      {answer.problem && <span className="muted"> {problemOf(answer.problem, t)}</span>}
      {answer.note && <div className="dispatch-note">{answer.note}</div>}
      {answer.photos.length > 0 && (
        <div className="dispatch-photos">
          {answer.photos.map((photo, number) => (
            <Photo key={number} url={photo.url} name={t(photo.purged_at ? "dispatch.photoPurged" : "dispatch.photo", { number: number + 1 })} />
          ))}
        </div>
      )}
    </li>
  );
}

/** A photo that was brought here is shown; a department's own link is only a link, and who may not see it reads that it is there; one whose term was over, that it is gone. */
function Photo({ url, name }: { url: string | null; name: string }) {
  if (url === null) return <span className="muted">{name}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {url.startsWith("/answers/") ? <img src={url} alt={name} loading="lazy" /> : name}
    </a>
  );
}
