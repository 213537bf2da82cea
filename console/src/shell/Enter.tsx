// `/enter#LINK`: the one-time link of a first visit. It is used up by a click, not by being opened: mail scanners open links too.
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router-dom";
import { session } from "../api/session";
import { Door } from "./Door";
import { meQuery } from "./me";

export default function Enter() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [link] = useState(() => window.location.hash.slice(1));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  // Not left in the address: the next one who looks over the shoulder or into the history reads nothing.
  useEffect(() => window.history.replaceState(window.history.state, "", "/enter"), []);
  const enter = async () => {
    setBusy(true);
    setError(null);
    try {
      await session.link(link);
      await queries.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate("/", { replace: true });
    } catch (failure) {
      setError(failure as Error);
      setBusy(false);
    }
  };
  return (
    <Door title={t("shell.enterTitle")}>
      <p>{link ? t("shell.enterHow") : t("shell.enterWrong")}</p>
      <div aria-live="assertive">{error && <Alert type="error" showIcon message={error.message} />}</div>
      {link && (
        <Button type="primary" size="large" block loading={busy} onClick={() => void enter()}>
          {t("shell.enter")}
        </Button>
      )}
      <p>
        <Link to="/">{t("shell.toSignIn")}</Link>
      </p>
    </Door>
  );
}
