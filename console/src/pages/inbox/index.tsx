// A department's inbox, made for a telephone: what it was told, and its answers. On a desk the list stands beside the matter.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { addWords } from "../../i18n";
import * as words from "../../i18n/inbox";
import { useMe } from "../../shell/me";
import { Detail } from "./Detail";
import { useQueued } from "./given";
import { Install } from "./Install";
import { List } from "./List";
import { isMuted, maySound, mute, sound } from "./sound";
import "./style.css";

addWords("inbox", words);

export default function InboxPage() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const alert = useParams()["*"] || null;
  const waiting = useQueued().filter((one) => one.refused === null && one.status !== "received").length;
  return (
    <div className={`inbox ${alert ? "inbox-one" : ""}`}>
      <div className="inbox-list">
        <Tools />
        {waiting > 0 && (
          <p role="status" className="waiting">
            {t("inbox.waiting", { count: waiting })}
          </p>
        )}
        <List zone={zone} chosen={alert} />
      </div>
      {alert ? (
        <div className="inbox-detail">
          <Link to="/inbox" className="back">
            ‹ {t("inbox.back")}
          </Link>
          <Detail key={alert} alert={alert} zone={zone} />
        </div>
      ) : (
        <p className="inbox-none muted">{t("inbox.chooseOne")}</p>
      )}
    </div>
  );
}

function Tools() {
  const { t } = useTranslation();
  const [muted, setMuted] = useState(isMuted);
  const [ready, setReady] = useState(maySound);
  const [allowed, setAllowed] = useState(typeof Notification === "undefined" ? "denied" : Notification.permission);
  useEffect(() => {
    // The first touch anywhere allows sound; the note that says so goes away with it.
    const look = () => setTimeout(() => setReady(maySound()), 50);
    window.addEventListener("pointerup", look);
    window.addEventListener("keyup", look);
    return () => {
      window.removeEventListener("pointerup", look);
      window.removeEventListener("keyup", look);
    };
  }, []);
  return (
    <div className="tools">
      <button type="button" className="small-button" aria-pressed={!muted} onClick={() => {
        mute(!muted);
        setMuted(!muted);
        if (muted) sound();
      }}>
        {t(muted ? "inbox.soundOff" : "inbox.soundOn")}
      </button>
      {allowed === "default" && (
        <button type="button" className="small-button" onClick={() => void Notification.requestPermission().then(setAllowed)}>
          {t("inbox.allowNotices")}
        </button>
      )}
      <Install />
      <span className="muted tools-said">{!muted && !ready && t("inbox.touchOnce")}</span>
    </div>
  );
}
