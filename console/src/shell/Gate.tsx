// Lets people in: the sign-in page, a password that is due, then the frame; and a dialog over it when the session has ended.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { isSignedOut, type Me } from "../api/session";
import { Failed } from "../parts/Failed";
import { Loading } from "../parts/Loading";
import { Dialog } from "./Dialog";
import { Door } from "./Door";
import { Frame } from "./Frame";
import { PasswordForm } from "./PasswordForm";
import { SignInForm } from "./SignInForm";
import { leave, meQuery, useEnded } from "./me";

export function Gate() {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  if (me.data) return me.data.password_due ? <Due me={me.data} /> : <Inside me={me.data} />;
  if (isSignedOut(me.error)) return <SignIn />;
  if (me.error) {
    return (
      <Door title={t("shell.away")}>
        <Failed error={me.error} again={() => void me.refetch()} />
      </Door>
    );
  }
  return (
    <main className="frame-main">
      <Loading />
    </main>
  );
}

function SignIn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  useEffect(() => {
    document.title = `${t("shell.signIn")} · ${t("shell.title")}`;
  }, [t]);
  return (
    <Door title={t("shell.signIn")}>
      <SignInForm done={() => queries.fetchQuery({ ...meQuery, staleTime: 0 })} />
    </Door>
  );
}

function Due({ me }: { me: Me }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return (
    <Door title={t("shell.dueTitle")}>
      <p>{t("shell.dueWhy")}</p>
      <PasswordForm account={me.name} asksOld={false} done={() => queries.fetchQuery({ ...meQuery, staleTime: 0 })} />
      <p>
        <Button type="link" onClick={() => void leave()}>
          {t("shell.signOut")}
        </Button>
      </p>
    </Door>
  );
}

function Inside({ me }: { me: Me }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const ended = useEnded();
  return (
    <>
      <Frame />
      {ended && (
        <Dialog title={t("shell.endedTitle")}>
          <p>{t("shell.ended")}</p>
          <SignInForm name={me.name} done={() => queries.fetchQuery({ ...meQuery, staleTime: 0 })} />
        </Dialog>
      )}
    </>
  );
}
