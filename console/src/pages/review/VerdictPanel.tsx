// The verdict: confirm, dismiss with a reason, or say that nobody can tell. What became of the last one stands above it.
import { Button, Input, type InputRef } from "antd";
import { forwardRef, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import type { Reason, VerdictBody, Whole } from "./api";
import type { Desk } from "./desk";

export interface VerdictKeys {
  confirm: () => void;
  unclear: () => void;
  /** Begin to dismiss: the next digit is the reason. */
  dismiss: () => void;
  reason: (digit: number) => void;
  drop: () => void;
}

/** So long after an item has come up nothing is taken as a verdict on it: a key pressed twice must not judge the next one unseen. */
const LOOK_MS = 400;

interface Props {
  whole: Whole | undefined;
  desk: Desk;
  may: boolean;
  /** Who else works on it; null: nobody. */
  holder: string | null;
}

export const VerdictPanel = forwardRef<VerdictKeys, Props>(function VerdictPanel({ whole, desk, may, holder }, keys) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const [dismissing, setDismissing] = useState(false);
  const [other, setOther] = useState(false);
  const [note, setNote] = useState("");
  const [looked, setLooked] = useState<string | null>(null);
  const field = useRef<InputRef>(null);
  const id = whole?.item.id ?? null;
  useEffect(() => {
    setDismissing(false);
    setOther(false);
    setNote("");
    const timer = setTimeout(() => setLooked(id), LOOK_MS);
    return () => clearTimeout(timer);
  }, [id]);
  useEffect(() => {
    if (other) field.current?.focus();
  }, [other]);

  const open = may && !desk.busy && id !== null && looked === id && typeof desk.lease !== "object";
  const fitting = (whole?.reasons ?? []).filter((reason) => reason.verdicts.includes("false_alarm"));
  const exempting = (whole?.reasons ?? []).filter((reason) => reason.verdicts.includes("exempt") && reason.code !== "other");
  const say = (verdict: VerdictBody["verdict"], code: string | null = null) => {
    if (open && whole) desk.judge(whole.item.version, { verdict, code, reason: note.trim() || null });
  };
  const give = (reason: Reason | undefined) => {
    if (!reason || !open) return;
    if (reason.code === "other" && note.trim() === "") setOther(true);
    else say("false_alarm", reason.code);
  };
  useImperativeHandle(keys, () => ({
    confirm: () => say("confirmed"),
    unclear: () => say("unclear"),
    dismiss: () => open && setDismissing(true),
    reason: (digit) => dismissing && give(fitting[digit - 1]),
    drop: () => {
      setDismissing(false);
      setOther(false);
    },
  }));

  return (
    <section className="rv-verdict" aria-label={t("review.verdict")}>
      <Said desk={desk} holder={holder} />
      <div className="rv-buttons">
        <Button type="primary" size="large" disabled={!open} onClick={() => say("confirmed")}>
          {t("review.confirm")} <kbd>C</kbd>
        </Button>
        <Button size="large" danger disabled={!open} aria-expanded={dismissing} onClick={() => setDismissing(!dismissing)}>
          {t("review.dismiss")} <kbd>D</kbd>
        </Button>
        <Button size="large" disabled={!open} onClick={() => say("unclear")}>
          {t("review.unclear")} <kbd>U</kbd>
        </Button>
      </div>
      <div className={dismissing ? "rv-reasons rv-armed" : "rv-reasons"} role="group" aria-label={t("review.why")}>
        {fitting.map((reason, at) => (
          <button key={reason.code} type="button" disabled={!open} onClick={() => give(reason)}>
            <kbd>{at + 1}</kbd> {reason.name[language]}
          </button>
        ))}
      </div>
      <Input
        ref={field}
        value={note}
        maxLength={500}
        disabled={!may}
        status={other && note.trim() === "" ? "warning" : ""}
        onChange={(event) => setNote(event.target.value)}
        onPressEnter={() => other && give(fitting.at(-1))}
        aria-label={t("review.note")}
        placeholder={t(other ? "review.sayWhat" : "review.note")}
      />
      <div className="rv-buttons rv-minor">
        <Button size="small" disabled={!open} onClick={() => say("duplicate")}>
          {t("reviewed.duplicate")}
        </Button>
        <Button size="small" disabled={!open} onClick={() => say("exempt", null)}>
          {t("reviewed.exempt")}
        </Button>
        {exempting.map((reason) => (
          <Button key={reason.code} size="small" disabled={!open} onClick={() => say("exempt", reason.code)}>
            {t("reviewed.exempt")}: {reason.name[language]}
          </Button>
        ))}
        <Button size="small" disabled={!desk.canUndo || desk.busy} onClick={desk.undo}>
          {t("review.undo")} <kbd>Z</kbd>
        </Button>
      </div>
    </section>
  );
});

function Said({ desk, holder }: { desk: Desk; holder: string | null }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const { outcome, lease } = desk;
  let sentence = "";
  let tone = "";
  if (typeof lease === "object") [sentence, tone] = [holder ? t("review.heldByLong", { who: holder }) : lease.others, "bad"];
  else if (lease === "lapsed") [sentence, tone] = [t("review.lapsed"), "warn"];
  else if (outcome.what === "refused") [sentence, tone] = [outcome.sentence, "bad"];
  else if (outcome.what === "stale") [sentence, tone] = [t("review.stale"), "warn"];
  else if (outcome.what === "judged") {
    const { verdict } = outcome;
    const names = verdict.told.map((told) => told.name?.[language] ?? told.department).join(", ");
    sentence = `${t("review.last")}: ${t(`reviewed.${verdict.verdict}`)}${names ? ` → ${names}` : ""}`;
    tone = "good";
    if (verdict.problem) [sentence, tone] = [`${t(`reviewed.${verdict.verdict}`)}; ${t("review.untold")}: ${verdict.problem}`, "bad"];
  }
  const free = lease === "lapsed" || (typeof lease === "object" && holder === null);
  return (
    <div className={`rv-outcome ${tone && `rv-${tone}`}`}>
      <span role="status">{free && typeof lease === "object" ? t("review.freed") : sentence}</span>{" "}
      {free && (
        <Button size="small" onClick={desk.take}>
          {t("review.takeThis")}
        </Button>
      )}
    </div>
  );
}
