// What stands over data that may be old, because the connection to the service is away.
import { Alert } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../format";

const PATIENCE_MS = 20_000;

/** `since`: when the connection went, ms since 1970; null: it stands. Shorter cuts than 20 s are not worth a banner. */
export function Stale({ since, zone }: { since: number | null; zone: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (since === null) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), Math.max(0, since + PATIENCE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  if (!shown || since === null) return null;
  return <Alert className="stale" type="warning" showIcon message={t("shell.stale", { time: moment(new Date(since).toISOString(), zone) })} />;
}
