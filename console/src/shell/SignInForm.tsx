// Account and password, and what the service says against them; on the sign-in page and in the dialog over a page.
import { Alert, Button } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { session } from "../api/session";
import { Field } from "./Field";

/** `name`: who was signed in before; `done`: called when somebody is. */
export function SignInForm({ name, done }: { name?: string; done: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const ways = useQuery({ queryKey: ["ways"], queryFn: session.ways, refetchInterval: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [wait, setWait] = useWait();
  const attempt = async (enter: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await enter();
      await done();
    } catch (failure) {
      if (failure instanceof ApiError && failure.waitS !== null) setWait(failure.waitS);
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    void attempt(() => session.enter(String(said.get("username")), String(said.get("password"))));
  };
  return (
    <div className="door-ways">
      <div aria-live="assertive" className="door-said">
        {wait > 0 ? (
          <Alert type="warning" showIcon message={t("shell.locked", { seconds: wait })} />
        ) : (
          error && <Alert type="error" showIcon message={error instanceof ApiError && error.status === 401 ? t("shell.wrong") : error.message} />
        )}
        {ways.error && <Alert type="error" showIcon message={t("shell.away")} description={ways.error.message} action={<Button onClick={() => void ways.refetch()}>{t("retry")}</Button>} />}
      </div>
      {(ways.data?.password ?? true) && (
        <form onSubmit={submit}>
          <Field id="username" name="username" label={t("shell.name")} autoComplete="username" autoFocus={!name} defaultValue={name ?? ""} maxLength={120} />
          <Field id="password" name="password" label={t("shell.password")} secret autoComplete="current-password" autoFocus={Boolean(name)} maxLength={1024} />
          <Button type="primary" htmlType="submit" size="large" block loading={busy} disabled={wait > 0}>
            {t("shell.signIn")}
          </Button>
        </form>
      )}
      {ways.data?.oidc && (
        <Button size="large" block href="/api/v1/session/oidc">
          {ways.data.oidc}
        </Button>
      )}
      {ways.data && ways.data.demo_roles.length > 0 && (
        <fieldset className="door-demo">
          <legend>{t("shell.demoAs")}</legend>
          {ways.data.demo_roles.map((role) => (
            <Button key={role} disabled={busy} onClick={() => void attempt(() => session.demo(role))}>
              {t(`shell.roles.${role}`)}
            </Button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

/** Seconds that are still to be waited, counting down. */
function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
