// What is opened over the page: whom to telephone, and the keys.
import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../shell/Dialog";
import type { Language } from "../../i18n";
import { review, type CallBody, type Whole } from "./api";

export function Phones({ whole, may, close }: { whole: Whole; may: boolean; close: () => void }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const told = whole.told.length > 0;
  const departments = told ? whole.told : whole.would_tell;
  const [called, setCalled] = useState<{ department: string; number: string } | null>(null);
  const [outcome, setOutcome] = useState<CallBody["outcome"]>("reached");
  const [note, setNote] = useState("");
  const [said, setSaid] = useState("");
  const keep = () => {
    if (!called) return;
    review.call(whole.item.id, { ...called, outcome, note: note.trim() || null }).then(
      () => {
        setSaid(t("review.callKept"));
        setCalled(null);
        setNote("");
      },
      (error: Error) => setSaid(error.message),
    );
  };
  return (
    <Dialog title={t("review.phones")} cancel={close}>
      {departments.length === 0 && <p>{whole.would_not ?? t("review.nobody")}</p>}
      {departments.map((department) => (
        <div key={department.department} className="rv-phones">
          <strong>{department.name?.[language] ?? department.department}</strong>
          {department.contacts.length === 0 && <p className="muted">{t("review.noPhone")}</p>}
          {department.contacts.map((contact) => (
            <div key={contact.name} className="rv-line">
              <span>{contact.name}</span>
              {contact.phone ? <a href={`tel:${contact.phone.replace(/[^\d+]/g, "")}`}>{contact.phone}</a> : <span className="muted">–</span>}
              {told && may && contact.phone && (
                <Button size="small" onClick={() => setCalled({ department: department.department, number: contact.phone ?? "" })}>
                  {t("review.keepCall")}
                </Button>
              )}
            </div>
          ))}
        </div>
      ))}
      {!told && departments.length > 0 && <p className="muted">{t("review.confirmFirst")}</p>}
      {called && (
        <div className="rv-call">
          <span>{called.number}</span>
          <Segmented
            aria-label={t("review.callOutcome")}
            value={outcome}
            onChange={setOutcome}
            options={(["reached", "no_answer", "busy", "wrong_number"] as const).map((value) => ({ value, label: t(`review.calls.${value}`) }))}
          />
          <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} aria-label={t("review.callNote")} placeholder={t("review.callNote")} />
          <Button type="primary" onClick={keep}>
            {t("review.keep")}
          </Button>
        </div>
      )}
      <p role="status">{said}</p>
      <Button block onClick={close}>
        {t("close")}
      </Button>
    </Dialog>
  );
}

const KEYS = [
  ["J / K", "next"],
  ["Space", "play"],
  ["← / →", "step"],
  ["− / =", "speed"],
  ["C / Enter", "confirm"],
  ["D, 1–9", "dismiss"],
  ["U", "unclear"],
  ["Z", "undo"],
  ["P", "phones"],
  ["L", "layers"],
  ["B", "batch"],
  ["?", "help"],
] as const;

export function Help({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("review.keys.title")} cancel={close}>
      <dl className="rv-keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`review.keys.${what}`)}</dd>
          </div>
        ))}
      </dl>
      <Button block onClick={close}>
        {t("close")}
      </Button>
    </Dialog>
  );
}
