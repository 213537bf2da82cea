// Tokens of machines: which system may ask what, until when.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { Dialog } from "../../shell/Dialog";
import { useMe } from "../../shell/me";
import { Columns } from "./Columns";
import { people, type GivenToken, type Token } from "./api";
import { CheckField, SeveralField, TextField } from "./fields";
import { StandingFields, useSight, type Standing } from "./GrantFields";
import { Secret } from "./Secret";

export default function Tokens() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const sight = useSight();
  const wordsOf = useScopeWords();
  const queries = useQueryClient();
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: people.tokens });
  const [giving, setGiving] = useState(false);
  const [given, setGiven] = useState<GivenToken | null>(null);
  const [asked, setAsked] = useState<Token | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = () => {
    if (asked === null) return;
    people.revoke(asked.name).then(again, setError);
    setAsked(null);
  };
  const stateOf = (token: Token) => (token.revoked_at ? t("admin.tokens.revoked", { at: moment(token.revoked_at, zone) }) : token.expires_at && dayjs(token.expires_at).isBefore(dayjs()) ? t("admin.tokens.over") : t("admin.tokens.live"));
  if (!tokens.data) return tokens.error ? <Failed error={tokens.error} again={() => void tokens.refetch()} /> : <Loading lines={8} />;
  return (
    <>
      <div className="ad-tools">
        <Button type="primary" onClick={() => setGiving(true)}>
          {t("admin.tokens.give")}
        </Button>
      </div>
      {error && <Alert type="error" showIcon message={error.message} />}
      {tokens.data.length === 0 ? (
        <Empty title={t("admin.tokens.nothing")} hint={t("admin.tokens.nothingHow")} />
      ) : (
        <div className="ad-scroll">
          <table className="ad-table">
            <caption className="unseen">{t("admin.tabs.tokens")}</caption>
            <Columns words="admin.tokens.columns" names={["name", "role", "unit", "scopes", "sight", "until", "state", "more"]} />
            <tbody>
              {tokens.data.map((token) => (
                <tr key={token.name} className={token.revoked_at ? "off" : ""}>
                  <td data-label={t("admin.tokens.columns.name")}>{token.name}</td>
                  <td data-label={t("admin.tokens.columns.role")}>{t(`shell.roles.${token.role}`)}</td>
                  <td data-label={t("admin.tokens.columns.unit")}>{token.unit ?? "–"}</td>
                  <td data-label={t("admin.tokens.columns.scopes")}>{token.scopes?.map(wordsOf).join(", ") ?? t("admin.tokens.all")}</td>
                  <td data-label={t("admin.tokens.columns.sight")}>{sight(token.sight)}</td>
                  <td data-label={t("admin.tokens.columns.until")}>{moment(token.expires_at, zone) || t("admin.tokens.never")}</td>
                  <td data-label={t("admin.tokens.columns.state")}>{stateOf(token)}</td>
                  <td className="ad-actions">
                    {!token.revoked_at && (
                      <Button size="small" aria-label={t("admin.tokens.revokeOne", { name: token.name })} onClick={() => setAsked(token)}>
                        {t("admin.tokens.revoke")}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {giving && (
        <TokenSheet
          zone={zone}
          close={() => setGiving(false)}
          done={(made) => {
            setGiving(false);
            setGiven(made);
            again();
          }}
        />
      )}
      {asked && (
        <Dialog title={t("admin.tokens.revokeOne", { name: asked.name })} cancel={() => setAsked(null)}>
          <div className="ad-sheet">
            <p>{t("admin.tokens.revokeSure")}</p>
            <Button danger type="primary" onClick={revoke}>
              {t("admin.tokens.revoke")}
            </Button>
            <Button onClick={() => setAsked(null)}>{t("shell.cancel")}</Button>
          </div>
        </Dialog>
      )}
      {given && <Secret title={t("admin.tokens.given", { name: given.token.name })} label={t("admin.tokens.secret")} how={t("admin.tokens.secretHow")} secret={given.secret} close={() => setGiven(null)} />}
    </>
  );
}

/** A scope in words; a move of a case by its key, which is what the case system's own documents call it. */
function useScopeWords(): (scope: string) => string {
  const { t } = useTranslation();
  return (scope) => (scope.startsWith("case.move:") ? t("admin.tokens.move", { move: scope.slice("case.move:".length) }) : t(`admin.scopes.${scope.replace(".", "_")}`, scope));
}

function TokenSheet({ zone, close, done }: { zone: string; close: () => void; done: (made: GivenToken) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const known = useQuery({ queryKey: ["tokens", "scopes"], queryFn: people.scopes, staleTime: Infinity });
  // Null: everything that its role may do.
  const [scopes, setScopes] = useState<string[] | null>(null);
  const wordsOf = useScopeWords();
  const [until, setUntil] = useState("");
  const [standing, setStanding] = useState<Standing>({ role: "auditor", unit: null, sight: null });
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const offered = known.data?.[standing.role] ?? [];
  const chosen = scopes?.filter((scope) => offered.includes(scope)) ?? null;
  const ready = name !== "" && (standing.role !== "department" || standing.unit !== null) && chosen?.length !== 0;
  const go = () => {
    setBusy(true);
    // The last day counts in full, by the county's clock.
    const end = until === "" ? null : dayjs.tz(`${until}T23:59:59`, zone).toISOString();
    people.give({ name, ...standing, scopes: chosen, expires_at: end }).then(done, (failed: Error) => {
      setError(failed);
      setBusy(false);
    });
  };
  return (
    <Dialog title={t("admin.tokens.give")} cancel={close}>
      <div className="ad-form">
        <TextField eager label={t("admin.tokens.name")} hint={t("admin.tokens.nameHint")} value={name} set={setName} />
        <StandingFields machine value={standing} set={(part) => setStanding((was) => ({ ...was, ...part }))} />
        <CheckField label={t("admin.tokens.everything")} value={scopes === null} set={(all) => setScopes(all ? null : [])} />
        {chosen !== null && <SeveralField label={t("admin.tokens.scopes")} value={chosen} options={offered.map((scope) => ({ value: scope, label: wordsOf(scope) }))} set={setScopes} />}
        <TextField eager label={t("admin.tokens.until")} type="date" value={until} set={setUntil} />
        {error && <Alert type="error" showIcon message={error.message} />}
        <Button type="primary" disabled={!ready} loading={busy} onClick={go}>
          {t("admin.tokens.give")}
        </Button>
        <Button onClick={close}>{t("shell.cancel")}</Button>
      </div>
    </Dialog>
  );
}
