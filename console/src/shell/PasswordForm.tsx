// A new password, with its rules shown while it is typed.
import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { session } from "../api/session";
import { Field } from "./Field";

// As patrol/access/passwords.py has them; the service judges again, and knows the passwords that everybody takes.
const LEAST = 12;
const MOST = 128;
const DIFFERENT = 5;

/** `account`: whose it is; `asksOld`: whether the current one is asked for; `done`: called when it is changed. */
export function PasswordForm({ account, asksOld, done }: { account: string; asksOld: boolean; done: () => unknown }) {
  const { t } = useTranslation();
  const [old, setOld] = useState("");
  const [chosen, setChosen] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const characters = [...chosen.normalize("NFC")];
  const rules = {
    long: characters.length >= LEAST && characters.length <= MOST,
    various: new Set(characters).size >= DIFFERENT,
    name: chosen !== "" && !chosen.toLowerCase().includes(account.toLowerCase()),
    same: chosen !== "" && chosen === again,
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await session.changePassword(asksOld ? old : null, chosen);
      await done();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="password" onSubmit={(event) => void submit(event)}>
      <input type="text" className="unseen" tabIndex={-1} aria-hidden autoComplete="username" value={account} readOnly />
      <div aria-live="assertive">{error && <Alert type="error" showIcon message={error.message} />}</div>
      {asksOld && <Field id="password-old" label={t("shell.old")} secret autoComplete="current-password" value={old} onChange={(e) => setOld(e.target.value)} maxLength={1024} />}
      <Field id="password-new" label={t("shell.new")} secret autoComplete="new-password" value={chosen} onChange={(e) => setChosen(e.target.value)} maxLength={1024} aria-describedby="password-rules" />
      <Field id="password-again" label={t("shell.again")} secret autoComplete="new-password" value={again} onChange={(e) => setAgain(e.target.value)} maxLength={1024} />
      <ul id="password-rules" className="password-rules">
        {Object.entries(rules).map(([rule, kept]) => (
          <li key={rule} className={kept ? "kept" : "muted"}>
            {kept ? <CheckCircleFilled aria-label="✓" /> : <MinusCircleOutlined aria-hidden />} {t(`shell.rules.${rule}`)}
          </li>
        ))}
      </ul>
      <p className="muted password-more">{t("shell.rulesMore")}</p>
      <Button type="primary" htmlType="submit" block loading={busy} disabled={!Object.values(rules).every(Boolean)}>
        {t("shell.save")}
      </Button>
    </form>
  );
}
