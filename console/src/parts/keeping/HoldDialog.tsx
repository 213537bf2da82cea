// Asks why something is to stay beyond its day, or why it need not any more.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { addWords } from "../../i18n";
import * as words from "../../i18n/keeping";
import { Dialog } from "../../shell/Dialog";
import { keeping, type Hold, type HoldKind } from "./api";
import "./style.css";

addWords("keeping", words);

const KINDS: HoldKind[] = ["incident", "case", "file"];

/** `incident`: what it is about is known; else kind and number are asked for. */
export function HoldDialog({ incident, close }: { incident?: string; close: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [kind, setKind] = useState<HoldKind>("incident");
  const [ref, setRef] = useState(incident ?? "");
  return (
    <Asked title={t(incident ? "keeping.holdOne" : "keeping.hold")} how={t("keeping.holdHow")} action={t("keeping.hold")} send={(reason) => keeping.hold(kind, ref.trim(), reason)} close={close}>
      {!incident && (
        <>
          <label htmlFor={`${id}-kind`}>{t("keeping.kind")}</label>
          <select id={`${id}-kind`} value={kind} onChange={(event) => setKind(event.target.value as HoldKind)}>
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {t(`keeping.kinds.${each}`)}
              </option>
            ))}
          </select>
          <label htmlFor={`${id}-ref`}>{t(`keeping.refs.${kind}`)}</label>
          <input id={`${id}-ref`} data-first="" required maxLength={200} autoComplete="off" value={ref} onChange={(event) => setRef(event.target.value)} />
        </>
      )}
    </Asked>
  );
}

export function LiftDialog({ hold, close }: { hold: Hold; close: () => void }) {
  const { t } = useTranslation();
  return <Asked title={t("keeping.liftOne", { ref: hold.ref })} how={t("keeping.liftHow")} action={t("keeping.lift")} send={(reason) => keeping.lift(hold.id, reason)} close={close} />;
}

function Asked({ title, how, action, send, close, children }: { title: string; how: string; action: string; send: (reason: string) => Promise<unknown>; close: () => void; children?: ReactNode }) {
  const { t } = useTranslation();
  const id = useId();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const sent = useMutation({
    mutationFn: () => send(reason.trim()),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["retention"] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sent.mutate();
  };
  return (
    <Dialog title={title} cancel={close}>
      <form className="keeping-form" onSubmit={submit}>
        <p className="muted">{how}</p>
        {children}
        <label htmlFor={`${id}-why`}>{t("keeping.why")}</label>
        <textarea id={`${id}-why`} data-first={children ? undefined : ""} required rows={3} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
        {sent.error && <Alert type="error" showIcon message={wordsOf(sent.error)} />}
        <div className="keeping-buttons">
          <Button type="primary" htmlType="submit" loading={sent.isPending} disabled={reason.trim() === ""}>
            {action}
          </Button>
          <Button onClick={close}>{t("keeping.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );

  function wordsOf(error: Error): string {
    const status = error instanceof ApiError ? error.status : 0;
    return status === 404 ? t("keeping.unknown") : status === 409 ? t("keeping.stands") : error.message;
  }
}
