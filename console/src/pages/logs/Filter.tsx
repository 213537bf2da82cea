// Who, what, which and when: the filter over the audit trail and the register. It asks when it is sent, not at every key.
import { Button } from "antd";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../shell/me";
import type { Wanted } from "./api";

dayjs.extend(utc);
dayjs.extend(timezone);

const ACTIONS = ["session", "user", "token", "incident", "evidence", "registry", "dispatch", "inbox", "miss", "spot_check", "case", "letter", "ledger", "retention", "silence"];

/** What is typed into the fields: days are the county's. */
interface Typed {
  who: string;
  action: string;
  ref: string;
  camera: string;
  outcome: string;
  since: string;
  until: string;
}

const NOTHING: Typed = { who: "", action: "", ref: "", camera: "", outcome: "", since: "", until: "" };

/** `of`: which fields; `set`: called with what is wanted when the form is sent. */
export function Filter({ of, set, more }: { of: (keyof Typed)[]; set: (wanted: Wanted) => void; more?: ReactNode }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const [typed, setTyped] = useState(NOTHING);
  const send = () => {
    const { since, until, outcome, ...words } = typed;
    const from = since ? dayjs.tz(since, zone).toISOString() : undefined;
    const to = until ? dayjs.tz(until, zone).add(1, "day").toISOString() : undefined;
    set({ ...words, ...(outcome ? { outcome: outcome as "done" } : {}), ...(from ? { since: from } : {}), ...(to ? { until: to } : {}) });
  };
  const change = (name: keyof Typed) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const field = (name: keyof Typed) => {
    if (name === "action")
      return (
        <select value={typed.action} onChange={change(name)}>
          <option value="">{t("logs.actions.all")}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={`${action}.`}>
              {t(`logs.actions.${action}`)}
            </option>
          ))}
        </select>
      );
    if (name === "outcome")
      return (
        <select value={typed.outcome} onChange={change(name)}>
          <option value="">{t("logs.any")}</option>
          <option value="done">{t("logs.outcomes.done")}</option>
          <option value="refused">{t("logs.outcomes.refused")}</option>
        </select>
      );
    const day = name === "since" || name === "until";
    return <input type={day ? "date" : "text"} value={typed[name]} maxLength={200} onChange={change(name)} {...(name === "ref" ? { placeholder: t("logs.objectHint") } : {})} />;
  };
  return (
    <form
      className="log-filter"
      role="search"
      aria-label={t("logs.filter")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {of.map((name) => (
        <label key={name}>
          {t(`logs.${name === "ref" ? "object" : name}`)}
          {field(name)}
        </label>
      ))}
      <Button htmlType="submit" type="primary">
        {t("logs.filter")}
      </Button>
      {more}
    </form>
  );
}
