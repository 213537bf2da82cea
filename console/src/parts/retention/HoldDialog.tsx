// Asks why something must be kept beyond its day, and what, where that is not known yet.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../shell/Dialog";
import "../evidence/style.css";
import { retention, type Hold, type Kind, type NewHold } from "./api";
import { Foot } from "./Foot";
import { Line } from "./Line";
import { heldThing, refusedHold, type Wrong } from "./said";

const KINDS: Kind[] = ["incident", "case", "file"];

/** `about`: what is to stay; without it the dialog asks. `done`: called with the hold once it stands. */
export function HoldDialog({ about, close, done }: { about?: { kind: Kind; ref: string }; close: () => void; done: (hold: Hold) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<Kind>(about?.kind ?? "incident");
  const [ref, setRef] = useState(about?.ref ?? "");
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState<Wrong>({});
  const put = useMutation({
    mutationFn: (body: NewHold) => retention.hold(body),
    onSuccess: (hold) => {
      void queries.invalidateQueries({ queryKey: ["retention"] });
      done(hold);
    },
  });
  const wrong: Wrong = { ...refusedHold(put.error, kind, t), ...missing };
  const first = Object.keys(wrong).length > 0;
  useEffect(() => {
    if (first) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [first, put.error, missing]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Not a disabled button: that would take the keyboard out of the form.
    if (put.isPending) return;
    const body = { kind, ref: ref.trim(), reason: reason.trim() };
    const lacks: Wrong = { ...(body.ref ? {} : { ref: t("retention.refused.refNeeded") }), ...(body.reason ? {} : { reason: t("retention.refused.reasonNeeded") }) };
    setMissing(lacks);
    put.reset();
    if (Object.keys(lacks).length === 0) put.mutate(body);
  };
  // What was refused is no longer said of what is typed now.
  const typed = (set: () => void) => {
    set();
    setMissing({});
    put.reset();
  };
  return (
    <Dialog title={t("retention.title")} cancel={close}>
      <form ref={form} className="export" noValidate onSubmit={submit}>
        {about ? (
          <>
            <p className="export-hash">{heldThing(about, t)}</p>
            {wrong.ref && (
              <p className="export-error" role="alert">
                {wrong.ref}
              </p>
            )}
          </>
        ) : (
          <>
            <label htmlFor="hold-kind">{t("retention.kind")}</label>
            <select id="hold-kind" data-first="" value={kind} onChange={(event) => typed(() => setKind(event.target.value as Kind))}>
              {KINDS.map((each) => (
                <option key={each} value={each}>
                  {t(`retention.kinds.${each}`)}
                </option>
              ))}
            </select>
            <Line label={t(`retention.refs.${kind}`)} hint={t(`retention.refHints.${kind}`)} wrong={wrong.ref}>
              {(told) => <input {...told} value={ref} maxLength={200} required autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => typed(() => setRef(event.target.value))} />}
            </Line>
          </>
        )}
        <Line label={t("retention.reason")} hint={t("retention.reasonHint")} wrong={wrong.reason}>
          {(told) => <textarea {...told} {...(about ? { "data-first": "" } : {})} rows={3} maxLength={2000} required value={reason} onChange={(event) => typed(() => setReason(event.target.value))} />}
        </Line>
        <Foot wrong={wrong.form} sending={put.isPending} action={t("retention.send")} close={close} />
      </form>
    </Dialog>
  );
}
