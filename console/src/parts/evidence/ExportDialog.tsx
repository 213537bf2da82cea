// Asks for a copy of a kept file, with a reason and for a unit, and follows it until it can be fetched.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { EvidenceFile } from "../../api/client";
import { moment } from "../../format";
import { addWords } from "../../i18n";
import * as words from "../../i18n/evidence";
import { Dialog } from "../../shell/Dialog";
import { useMe } from "../../shell/me";
import { one, order, recipients, type Export, type ExportOrder } from "./api";
import "./style.css";

addWords("evidence", words);

const AGAIN_MS = 1500;

interface Asked {
  file: EvidenceFile;
  /** What the copy belongs to; it is printed on it. */
  incident?: string;
  case?: string;
  close: () => void;
}

export function ExportDialog({ file, incident, case: number, close }: Asked) {
  const { t } = useTranslation();
  const sent = useMutation({ mutationFn: (body: ExportOrder) => order(file.id, body) });
  return (
    <Dialog title={t("evidence.title")} cancel={close}>
      <p className="muted">
        {t(`roles.${file.role}`, file.role)} · sha256 {file.sha256.slice(0, 16)}…
      </p>
      {sent.data ? (
        <Progress first={sent.data} close={close} />
      ) : (
        <Order sending={sent.isPending} error={sent.error} send={(said) => sent.mutate({ ...said, ...(incident ? { incident } : {}), ...(number ? { case: number } : {}) })} close={close} />
      )}
    </Dialog>
  );
}

function Order({ sending, error, send, close }: { sending: boolean; error: Error | null; send: (said: ExportOrder) => void; close: () => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const id = useId();
  const units = useQuery({ queryKey: ["exports", "recipients"], queryFn: recipients, staleTime: 300_000 });
  const own = me.role === "department" ? me.unit : null;
  const [reason, setReason] = useState("");
  const [unit, setUnit] = useState("");
  const [unmasked, setUnmasked] = useState(false);
  const [second, setSecond] = useState("");
  const name = (each: { name: { zh: string; en: string } }) => (i18n.language === "zh" ? each.name.zh : each.name.en);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A known unit is sent by its id; whatever else was typed is the name of another unit.
    const known = units.data?.find((each) => name(each) === unit.trim() || each.id === unit.trim());
    send({ reason, recipient_unit: own ?? known?.id ?? unit.trim(), unmasked, ...(unmasked ? { unmasked_reason: second } : {}) });
  };
  return (
    <form className="export" onSubmit={submit}>
      <label htmlFor={`${id}-reason`}>{t("evidence.reason")}</label>
      <textarea id={`${id}-reason`} data-first="" required minLength={5} maxLength={500} rows={3} value={reason} aria-describedby={`${id}-reason-hint`} onChange={(e) => setReason(e.target.value)} />
      <small id={`${id}-reason-hint`} className="muted">
        {t("evidence.reasonHint")}
      </small>
      {own === null && (
        <>
          <label htmlFor={`${id}-unit`}>{t("evidence.recipient")}</label>
          <input id={`${id}-unit`} required minLength={2} maxLength={120} list={`${id}-units`} value={unit} aria-describedby={`${id}-unit-hint`} autoComplete="off" onChange={(e) => setUnit(e.target.value)} />
          <datalist id={`${id}-units`}>
            {units.data?.map((each) => (
              <option key={each.id} value={name(each)} />
            ))}
          </datalist>
          <small id={`${id}-unit-hint`} className="muted">
            {t("evidence.recipientHint")}
          </small>
        </>
      )}
      {me.may.includes("evidence.export_unmasked") && (
        <label className="export-choice">
          <input type="checkbox" checked={unmasked} onChange={(e) => setUnmasked(e.target.checked)} />
          {t("evidence.unmasked")}
        </label>
      )}
      {unmasked ? (
        <>
          <label htmlFor={`${id}-second`}>{t("evidence.unmaskedReason")}</label>
          <textarea id={`${id}-second`} required minLength={5} maxLength={500} rows={2} value={second} onChange={(e) => setSecond(e.target.value)} />
        </>
      ) : (
        <p className="export-note">{t("evidence.masked")}</p>
      )}
      <p className="export-error" role="alert">
        {error?.message}
      </p>
      <div className="export-actions">
        <button type="button" onClick={close}>
          {t("evidence.cancel")}
        </button>
        <button type="submit" className="export-main" disabled={sending}>
          {sending ? t("evidence.sending") : t("evidence.send")}
        </button>
      </div>
    </form>
  );
}

function Progress({ first, close }: { first: Export; close: () => void }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const asked = useQuery({
    queryKey: ["exports", first.number],
    queryFn: () => one(first.number),
    initialData: first,
    // Events say when it goes on; this is for when they do not come.
    refetchInterval: ({ state }) => (state.data && ["queued", "working"].includes(state.data.state) ? AGAIN_MS : false),
  });
  const copy = asked.data;
  const going = copy.state === "queued" || copy.state === "working";
  return (
    <div className="export">
      <p>
        {t("evidence.number")} <strong>{copy.number}</strong> · <span role="status">{t(`evidence.states.${copy.state}`)}</span>
      </p>
      <progress aria-label={t("evidence.progress")} max={1} value={copy.progress} />
      <div className="export-outcome">
        {going && <p className="muted">{t("evidence.goOn")}</p>}
        {copy.state === "failed" && (
          <p className="export-error" role="alert">
            {t("evidence.fileGone")}
            {copy.problem}
          </p>
        )}
        {copy.url !== null && copy.expires_at !== null && (
          <>
            <p className="muted">{t("evidence.until", { at: moment(copy.expires_at, zone) })}</p>
            <p className="muted export-hash">sha256 {copy.sha256}</p>
          </>
        )}
        {asked.error && <p className="export-error">{asked.error.message}</p>}
      </div>
      <div className="export-actions">
        <button type="button" onClick={close}>
          {t("evidence.close")}
        </button>
        {copy.url !== null && (
          <a className="export-main" href={copy.url} download>
            {t("evidence.download")}
          </a>
        )}
      </div>
    </div>
  );
}
