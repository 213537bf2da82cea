// Asks why something that is held may go now.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import "../../parts/evidence/style.css";
import { retention, type Hold } from "../../parts/retention/api";
import { Foot } from "../../parts/retention/Foot";
import { Line } from "../../parts/retention/Line";
import { heldThing, refusedLift, type Wrong } from "../../parts/retention/said";
import { Dialog } from "../../shell/Dialog";

/** The reason travels in the address, which servers on the way hold short: 500 Chinese characters are 4.5 kB of it. */
const LONGEST = 500;

export function LiftDialog({ hold, close, done }: { hold: Hold; close: () => void; done: (hold: Hold) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const lift = useMutation({
    mutationFn: (because: string) => retention.lift(hold.id, because),
    onSuccess: () => done(hold),
    // One that somebody else has lifted is not to stand in the table any longer, either.
    onSettled: () => queries.invalidateQueries({ queryKey: ["retention"] }),
  });
  const wrong: Wrong = missing ? { reason: t("retention.refused.reasonNeeded") } : refusedLift(lift.error, t);
  useEffect(() => {
    if (wrong.reason) field.current?.focus();
  }, [wrong.reason]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Not a disabled button: that would take the keyboard out of the form.
    if (lift.isPending) return;
    setMissing(reason.trim() === "");
    lift.reset();
    if (reason.trim()) lift.mutate(reason.trim());
  };
  return (
    <Dialog title={t("retention.liftTitle")} cancel={close}>
      <form className="export" noValidate onSubmit={submit}>
        <p className="export-hash">{heldThing(hold, t)}</p>
        <p className="muted export-hash">{hold.reason}</p>
        <p className="kept-warning">{t("retention.liftWarning")}</p>
        <Line label={t("retention.liftReason")} hint={t("retention.liftReasonHint")} wrong={wrong.reason}>
          {(told) => (
            <textarea
              {...told}
              ref={field}
              data-first=""
              rows={3}
              maxLength={LONGEST}
              required
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
                setMissing(false);
                lift.reset();
              }}
            />
          )}
        </Line>
        <Foot wrong={wrong.form} sending={lift.isPending} action={t("retention.lift")} close={close} />
      </form>
    </Dialog>
  );
}
