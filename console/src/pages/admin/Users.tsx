// Accounts: who may come in, as what, and which cameras they see.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { Dialog } from "../../shell/Dialog";
import { useMe } from "../../shell/me";
import { Columns } from "./Columns";
import { people, type User, type UserLink } from "./api";
import { CheckField, TextField } from "./fields";
import { StandingFields, useSight, type Standing } from "./GrantFields";
import { Secret } from "./Secret";
import { useOptions } from "./desk";

export default function Users() {
  const { t } = useTranslation();
  const me = useMe();
  const sight = useSight();
  const departments = useOptions("departments");
  const queries = useQueryClient();
  const users = useQuery({ queryKey: ["users"], queryFn: people.users });
  const [sheet, setSheet] = useState<User | "new" | null>(null);
  const [link, setLink] = useState<UserLink | null>(null);
  const [asked, setAsked] = useState<{ what: "link" | "signOut"; user: User } | null>(null);
  const [said, setSaid] = useState<{ type: "success" | "error"; text: string } | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: ["users"] });
  const act = () => {
    if (asked === null) return;
    const { what, user } = asked;
    setAsked(null);
    const failed = (error: Error) => setSaid({ type: "error", text: error.message });
    if (what === "link") people.link(user.name).then(setLink, failed);
    else people.signOut(user.name).then(() => setSaid({ type: "success", text: t("admin.people.signedOut", { name: user.shown }) }), failed);
  };
  if (!users.data) return users.error ? <Failed error={users.error} again={() => void users.refetch()} /> : <Loading lines={10} />;
  return (
    <>
      <div className="ad-tools">
        <Button type="primary" onClick={() => setSheet("new")}>
          {t("admin.people.add")}
        </Button>
      </div>
      {said && <Alert type={said.type} showIcon message={said.text} />}
      <div className="ad-scroll">
        <table className="ad-table">
          <caption className="unseen">{t("admin.tabs.users")}</caption>
          <Columns words="admin.people.columns" names={["name", "role", "unit", "sight", "state", "made", "more"]} />
          <tbody>
            {users.data.map((user) => (
              <tr key={user.name} className={user.enabled ? "" : "off"}>
                <td data-label={t("admin.people.columns.name")}>
                  {user.shown} <div className="muted">{user.name}</div>
                </td>
                <td data-label={t("admin.people.columns.role")}>{t(`shell.roles.${user.role}`)}</td>
                <td data-label={t("admin.people.columns.unit")}>{departments.find((option) => option.value === user.unit)?.label ?? user.unit ?? "–"}</td>
                <td data-label={t("admin.people.columns.sight")}>{sight(user.sight)}</td>
                <td data-label={t("admin.people.columns.state")}>{t(user.enabled ? (user.has_password ? "admin.people.on" : "admin.people.waiting") : "admin.people.off")}</td>
                <td data-label={t("admin.people.columns.made")}>
                  {moment(user.created_at, me.county.timezone)} · {user.created_by}
                </td>
                <td className="ad-actions">
                  <Button size="small" aria-label={t("admin.people.changeOne", { name: user.shown })} onClick={() => setSheet(user)}>
                    {t("admin.people.change")}
                  </Button>
                  <Button size="small" disabled={!user.enabled} aria-label={t("admin.people.linkOne", { name: user.shown })} onClick={() => setAsked({ what: "link", user })}>
                    {t("admin.people.link")}
                  </Button>
                  <Button size="small" aria-label={t("admin.people.signOutOne", { name: user.shown })} onClick={() => setAsked({ what: "signOut", user })}>
                    {t("admin.people.signOut")}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {sheet !== null && (
        <UserSheet
          user={sheet === "new" ? null : sheet}
          close={() => setSheet(null)}
          done={(made) => {
            setSheet(null);
            setLink(made);
            again();
          }}
        />
      )}
      {asked && (
        <Dialog title={t(`admin.people.${asked.what}One`, { name: asked.user.shown })} cancel={() => setAsked(null)}>
          <div className="ad-sheet">
            <p>{t(`admin.people.${asked.what}Sure`)}</p>
            <Button type="primary" onClick={act}>
              {t(`admin.people.${asked.what}`)}
            </Button>
            <Button onClick={() => setAsked(null)}>{t("shell.cancel")}</Button>
          </div>
        </Dialog>
      )}
      {link && (
        <Secret
          title={t("admin.people.linkTitle", { name: link.user.shown })}
          label={t("admin.people.linkLabel")}
          how={t("admin.people.linkHow", { until: moment(link.expires_at, me.county.timezone) })}
          secret={link.link}
          close={() => setLink(null)}
        />
      )}
    </>
  );
}

/** `user`: null: a new one. `done`: with the link of a new one. */
function UserSheet({ user, close, done }: { user: User | null; close: () => void; done: (made: UserLink | null) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(user?.name ?? "");
  const [shown, setShown] = useState(user?.shown ?? "");
  const [enabled, setEnabled] = useState(user?.enabled ?? true);
  const [standing, setStanding] = useState<Standing>({ role: user?.role ?? "operator", unit: user?.unit ?? null, sight: user?.sight ?? null });
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const ready = name !== "" && shown !== "" && (standing.role !== "department" || standing.unit !== null);
  const go = () => {
    setBusy(true);
    const sent = user === null ? people.add({ name, shown, ...standing }) : people.change(user.name, user.version, { shown, enabled, ...standing }).then(() => null);
    sent.then(done, (failed: Error) => {
      setError(failed);
      setBusy(false);
    });
  };
  return (
    <Dialog title={user === null ? t("admin.people.add") : t("admin.people.changeOne", { name: user.shown })} cancel={close}>
      <div className="ad-form">
        {user === null && <TextField eager label={t("admin.people.name")} hint={t("admin.people.nameHint")} value={name} set={setName} />}
        <TextField eager label={t("admin.people.shown")} value={shown} set={setShown} />
        <StandingFields value={standing} set={(part) => setStanding((was) => ({ ...was, ...part }))} />
        {user !== null && <CheckField label={t("admin.people.enabled")} value={enabled} set={setEnabled} />}
        {error && <Alert type="error" showIcon message={error.message} />}
        <Button type="primary" disabled={!ready} loading={busy} onClick={go}>
          {t(user === null ? "admin.people.make" : "admin.save")}
        </Button>
        <Button onClick={close}>{t("shell.cancel")}</Button>
      </div>
    </Dialog>
  );
}
