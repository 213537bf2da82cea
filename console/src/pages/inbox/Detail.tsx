// One matter: what was seen, where, by when, what was said so far, and what can be said now. Opening it says that it was seen.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { ApiError } from "../../api/client";
import { moment } from "../../format";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Evidence } from "../../parts/Evidence";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { Actions } from "./Actions";
import { inbox, type Matter } from "./api";
import { queue, useGive, useQueued } from "./given";
import type { Queued } from "./queue";
import { SpotMap } from "./SpotMap";
import { awaited, standing } from "./standing";
import { Timer } from "./Timer";

export function Detail({ alert, zone }: { alert: string; zone: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ["inbox", "one", alert],
    queryFn: () => inbox.one(alert),
    // Offline, or opened from the list: what the list had is shown at once.
    placeholderData: () => queries.getQueriesData<{ pages: { items: Matter[] }[] }>({ queryKey: ["inbox", "list"] }).flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? []).find((one) => one.alert === alert),
  });
  if (found.data) return <Whole matter={found.data} zone={zone} />;
  if (found.error instanceof ApiError && found.error.status === 404) return <Empty title={t("inbox.unknown")} hint={t("inbox.unknownHint")} />;
  if (found.error) return <Failed error={found.error} again={() => void found.refetch()} />;
  return <Loading lines={12} />;
}

function Whole({ matter, zone }: { matter: Matter; zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const queued = useQueued();
  const now = standing(matter, queued);
  const step = awaited(matter, now.state);
  useSeen(matter, queued);
  return (
    <article className="detail" aria-label={t(`kinds.${matter.kind}`, matter.kind)}>
      <header className="detail-head">
        <h2>{t(`kinds.${matter.kind}`, matter.kind)}</h2>
        <span className="tag">{t(`states.${now.state}`, now.state)}</span>
        {!matter.reviewed && <span className="tag tag-warn">{t("unreviewed")}</span>}
        {matter.role === "copy" && <span className="tag">{t("inbox.forInfo")}</span>}
      </header>
      <div className="detail-timer">{step ? <Timer step={step.step} due={step.due} since={matter.opened_at} /> : <Over matter={matter} state={now.state} language={language} />}</div>
      <p className="detail-summary">{sentence(matter.summary[language])}</p>
      {matter.in_place_of && <p className="muted">{t("inbox.inPlaceOf", { name: matter.in_place_of[language] })}</p>}
      {now.refused.map((one) => (
        <NotTaken key={one.key} answer={one} zone={zone} />
      ))}
      <ol className="steps" aria-label={t("inbox.limits")}>
        {matter.steps.map((one) => (
          <li key={one.step} className={one.done_at ? "step-done" : one.step === step?.step ? "step-now" : ""}>
            <span>{t(`inbox.steps.${one.step}`)}</span>
            <span className="muted">{one.done_at ? t("inbox.doneAt", { time: moment(one.done_at, zone) }) : t("inbox.dueAt", { time: moment(one.due, zone) })}</span>
          </li>
        ))}
      </ol>
      <div className="evidence">
        {matter.evidence.map((file) => (
          <Evidence key={file.sha256} file={file} />
        ))}
        {matter.evidence.length === 0 && <p className="muted">{t("inbox.noEvidence")}</p>}
      </div>
      <SpotMap spot={matter.spot} />
      {matter.case && (
        <p>
          <Link className="small-button" to={`/cases?number=${encodeURIComponent(matter.case.number)}`}>
            {t("inbox.case", { number: matter.case.number })}
          </Link>
        </p>
      )}
      <section aria-label={t("inbox.centre")}>
        <h3>{t("inbox.centre")}</h3>
        {matter.centre.length === 0 && <p className="muted">{t("inbox.noCentre")}</p>}
        {matter.centre.map((who) => (
          <p key={who.name}>
            {who.name}{" "}
            {who.phone && (
              <a className="small-button" href={`tel:${who.phone.replace(/[^0-9+]/g, "")}`}>
                {who.phone}
              </a>
            )}
          </p>
        ))}
      </section>
      <Said matter={matter} unsent={now.unsent} zone={zone} />
      <Actions matter={matter} state={now.state} answers={now.answers} />
    </article>
  );
}

/** Says `received`, once, when a person looks at it. */
function useSeen(matter: Matter, queued: Queued[]): void {
  const give = useGive();
  const said = useRef("");
  const known = queued.some((one) => one.alert === matter.alert && one.status === "received");
  useEffect(() => {
    if (matter.state !== "told" || known || said.current === matter.alert) return;
    said.current = matter.alert;
    void give(matter, "received");
  }, [matter, known, give]);
}

function Over({ matter, state, language }: { matter: Matter; state: string; language: Language }) {
  const { t } = useTranslation();
  if (matter.taken_on_by) return <span className="tag">{t("inbox.takenOn", { name: matter.taken_on_by[language] })}</span>;
  if (state === "disposed") return <span className="tag tag-good">{t("inbox.done")}</span>;
  if (state === "refused") return <span className="tag tag-bad">{t("inbox.refused")}</span>;
  if (matter.role === "copy") return <span className="tag">{t("inbox.nothingAsked")}</span>;
  return <span className="tag">{t(`inbox.because.${matter.closed_because ?? ""}`, t("inbox.ended"))}</span>;
}

function NotTaken({ answer, zone }: { answer: Queued; zone: string }) {
  const { t } = useTranslation();
  return (
    <div className="not-taken" role="alert">
      <strong>{t("inbox.wasNotTaken", { what: t(`states.${answer.status}`), time: moment(answer.reported_at, zone) })}</strong>
      <p>{answer.refused}</p>
      {answer.note && <p className="said-note">{answer.note}</p>}
      <button type="button" className="small-button" onClick={() => void queue.drop(answer.key)}>
        {t("inbox.understood")}
      </button>
    </div>
  );
}

function Said({ matter, unsent, zone }: { matter: Matter; unsent: Queued[]; zone: string }) {
  const { t } = useTranslation();
  const taken = matter.acks.filter((ack) => ack.taken || ack.eta_min !== null || ack.phone !== null);
  return (
    <section aria-label={t("inbox.said")}>
      <h3>{t("inbox.said")}</h3>
      <ul className="said">
        {taken.length + unsent.length === 0 && <li className="muted">{t("inbox.nothingSaid")}</li>}
        {taken.map((ack, number) => (
          <li key={number}>
            {moment(ack.reported_at ?? ack.at, zone)} <strong>{t(ack.eta_min !== null ? "inbox.wayIn" : `states.${ack.status}`, { minutes: ack.eta_min })}</strong> {ack.by}
            {ack.note && <div className="said-note">{ack.note}</div>}
            {ack.photos.length > 0 && (
              <div className="photo-row">
                {ack.photos.map(
                  ({ url, purged_at }, which) =>
                    url !== null ? (
                      <a key={which} href={url} target="_blank" rel="noreferrer">
                        <img src={url} alt={t("inbox.photo", { number: which + 1 })} loading="lazy" />
                      </a>
                    ) : (
                      purged_at && (
                        <span key={which} className="muted">
                          {t("inbox.photoPurged", { number: which + 1 })}
                        </span>
                      )
                    ),
                )}
              </div>
            )}
          </li>
        ))}
        {unsent.map((one) => (
          <li key={one.key} className="said-unsent">
            {moment(one.reported_at, zone)} <strong>{t(one.eta !== null ? "inbox.wayIn" : `states.${one.status}`, { minutes: one.eta })}</strong>{" "}
            <span className="tag tag-warn">{t("inbox.notYetSent")}</span>
            {(one.reason ?? one.note) && <div className="said-note">{one.reason ?? one.note}</div>}
            {one.photos.length > 0 && <div className="muted">{t("inbox.photosWait", { count: one.photos.length })}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was seen, in one sentence: the measurements behind it are for the desk. */
function sentence(summary: string): string {
  return summary.replace(/。.*$/s, "。");
}
