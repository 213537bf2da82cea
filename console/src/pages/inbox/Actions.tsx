// What can be answered now: the next step as a large button, the rest beside it, each asking for what it needs.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Matter } from "./api";
import { useGive, type Said } from "./given";
import { Photos } from "./Photos";
import type { Status } from "./standing";

const MINUTES = [5, 10, 15, 20, 30, 45, 60, 90];
const REASONS = ["notOurs", "elsewhere", "nobody", "twice", "over", "other"] as const;
type Asked = "refuse" | "way" | "report" | null;

export function Actions({ matter, state, answers }: { matter: Matter; state: string; answers: Status[] }) {
  const { t } = useTranslation();
  const give = useGive();
  const [asked, setAsked] = useState<Asked>(null);
  const [failed, setFailed] = useState("");
  const may = (status: Status) => answers.includes(status);
  const say = async (status: Status, said?: Said) => {
    try {
      await give(matter, status, said);
      setAsked(null);
      setFailed("");
    } catch (error) {
      // Nothing is lost in silence: what could not even be kept stays in the form.
      setFailed(t("inbox.notKept", { why: error instanceof Error ? error.message : String(error) }));
    }
  };
  if (answers.every((status) => status === "received")) return null;
  const fresh = state === "told" || state === "received" || (state === "refused" && may("accepted"));
  return (
    <div className="actions" role="group" aria-label={t("inbox.actions")}>
      {failed && (
        <p role="alert" className="actions-failed">
          {failed}
        </p>
      )}
      {asked === "refuse" && <Refuse cancel={() => setAsked(null)} send={(reason) => say("refused", { reason })} />}
      {asked === "way" && <OnMyWay cancel={() => setAsked(null)} send={(eta) => say("accepted", { eta })} />}
      {asked === "report" && <Report cancel={() => setAsked(null)} may={may} send={say} />}
      {asked === null && (
        <>
          {fresh && may("accepted") && (
            <button type="button" className="big-button main" onClick={() => void say("accepted")}>
              {t("inbox.accept")}
            </button>
          )}
          {!fresh && may("on_scene") && (
            <button type="button" className="big-button main" onClick={() => void say("on_scene")}>
              {t("inbox.onScene")}
            </button>
          )}
          {may("disposed") && !fresh && (
            <button type="button" className={`big-button ${may("on_scene") ? "" : "main"}`} onClick={() => setAsked("report")}>
              {t("inbox.report")}
            </button>
          )}
          {may("accepted") && (
            <button type="button" className="big-button" onClick={() => setAsked("way")}>
              {t(fresh ? "inbox.acceptOnWay" : "inbox.onWay")}
            </button>
          )}
          {may("refused") && (
            <button type="button" className="big-button quiet" onClick={() => setAsked("refuse")}>
              {t("inbox.refuse")}
            </button>
          )}
        </>
      )}
    </div>
  );
}

function OnMyWay({ send, cancel }: { send: (minutes: number) => Promise<void>; cancel: () => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="sheet">
      <legend>{t("inbox.howLong")}</legend>
      <div className="minutes">
        {MINUTES.map((minutes) => (
          <button key={minutes} type="button" className="big-button" onClick={() => void send(minutes)}>
            {t("inbox.minutes", { minutes })}
          </button>
        ))}
      </div>
      <Cancel cancel={cancel} />
    </fieldset>
  );
}

function Refuse({ send, cancel }: { send: (reason: string) => Promise<void>; cancel: () => void }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<(typeof REASONS)[number] | null>(null);
  const [more, setMore] = useState("");
  const said = chosen === null ? "" : [chosen === "other" ? "" : t(`inbox.reasons.${chosen}`), more.trim()].filter(Boolean).join("：");
  return (
    <form
      className="sheet"
      onSubmit={(e) => {
        e.preventDefault();
        void send(said);
      }}
    >
      <fieldset>
        <legend>{t("inbox.whyRefuse")}</legend>
        {REASONS.map((reason) => (
          <label key={reason} className="choice">
            <input type="radio" name="reason" checked={chosen === reason} onChange={() => setChosen(reason)} />
            {t(`inbox.reasons.${reason}`)}
          </label>
        ))}
      </fieldset>
      <label className="written">
        {t(chosen === "other" ? "inbox.reasonNeeded" : "inbox.reasonMore")}
        <textarea rows={2} maxLength={400} value={more} onChange={(e) => setMore(e.target.value)} />
      </label>
      <button type="submit" className="big-button danger" disabled={said === ""}>
        {t("inbox.refuseNow")}
      </button>
      <Cancel cancel={cancel} />
    </form>
  );
}

function Report({ send, cancel, may }: { send: (status: Status, said: Said) => Promise<void>; cancel: () => void; may: (status: Status) => boolean }) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [photos, setPhotos] = useState<Blob[]>([]);
  return (
    <form
      className="sheet"
      onSubmit={(e) => {
        e.preventDefault();
        void send("disposed", { note, photos });
      }}
    >
      <label className="written">
        {t("inbox.whatDone")}
        <textarea rows={4} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} />
      </label>
      <Photos photos={photos} change={setPhotos} />
      <button type="submit" className="big-button main" disabled={note.trim() === ""}>
        {t("inbox.disposed")}
      </button>
      {may("on_scene") && (
        <button type="button" className="big-button" disabled={note.trim() === "" && photos.length === 0} onClick={() => void send("on_scene", { note, photos })}>
          {t("inbox.onSceneWith")}
        </button>
      )}
      <Cancel cancel={cancel} />
    </form>
  );
}

function Cancel({ cancel }: { cancel: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="big-button quiet" onClick={cancel}>
      {t("inbox.cancel")}
    </button>
  );
}
