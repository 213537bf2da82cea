// Every configuration that was in force: who changed it, when and why; compare any two, make an old one the new one.
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { Dialog } from "../../shell/Dialog";
import { useMe } from "../../shell/me";
import { Columns } from "./Columns";
import { registry } from "./api";
import { useDesk } from "./desk";
import { Diff, Sentences } from "./Diff";
import { Reason, Refusal } from "./PreviewSheet";

export default function Revisions() {
  const { t } = useTranslation();
  const { state } = useDesk();
  const me = useMe();
  const [pair, setPair] = useState<{ one: number | null; other: number | null }>({ one: null, other: null });
  const [restoring, setRestoring] = useState<number | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const revisions = useInfiniteQuery({
    queryKey: ["registry", "revisions", "all"],
    queryFn: ({ pageParam }) => registry.revisions(pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.next ? Number(last.next) : undefined),
  });
  const rows = revisions.data?.pages.flatMap((page) => page.items) ?? [];
  if (!revisions.data) return revisions.error ? <Failed error={revisions.error} again={() => void revisions.refetch()} /> : <Loading lines={12} />;
  return (
    <>
      <p className="muted">{t("admin.revisions.how")}</p>
      {said && <Alert type="success" showIcon message={said} />}
      <div className="ad-scroll">
        <table className="ad-table">
          <caption className="unseen">{t("admin.tabs.revisions")}</caption>
          <Columns words="admin.revisions.columns" names={["from", "to", "id", "at", "kind", "who", "reason", "counts", "more"]} />
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {(["one", "other"] as const).map((side) => (
                  <td key={side} data-label={t(`admin.revisions.columns.${side === "one" ? "from" : "to"}`)}>
                    <input type="radio" name={side} checked={pair[side] === row.id} aria-label={t(`admin.revisions.${side}`, { id: row.id })} onChange={() => setPair({ ...pair, [side]: row.id })} />
                  </td>
                ))}
                <td data-label={t("admin.revisions.columns.id")}>
                  <strong>{row.id}</strong> {row.id === state.revision && <span className="ad-changed">{t("admin.revisions.inForce")}</span>}
                </td>
                <td data-label={t("admin.revisions.columns.at")}>{moment(row.at, me.county.timezone)}</td>
                <td data-label={t("admin.revisions.columns.kind")}>
                  {t(`admin.kinds.${row.kind ?? "unknown"}`)} {row.restored !== null && t("admin.revisions.of", { id: row.restored })}
                </td>
                <td data-label={t("admin.revisions.columns.who")}>{row.who ?? "–"}</td>
                <td data-label={t("admin.revisions.columns.reason")}>{row.reason ?? "–"}</td>
                <td data-label={t("admin.revisions.columns.counts")}>{t("admin.revisions.counts", { added: row.added, removed: row.removed, changed: row.changed })}</td>
                <td className="ad-actions">
                  {me.may.includes("registry.restore") && (
                    <Button size="small" disabled={row.sha256 === state.sha256 || state.state === "broken"} aria-label={t("admin.revisions.restoreOne", { id: row.id })} onClick={() => setRestoring(row.id)}>
                      {t("admin.revisions.restore")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {revisions.hasNextPage && (
        <Button loading={revisions.isFetchingNextPage} onClick={() => void revisions.fetchNextPage()}>
          {t("admin.revisions.older")}
        </Button>
      )}
      {pair.one !== null && pair.other !== null && pair.one !== pair.other && <Compared one={pair.one} other={pair.other} />}
      {restoring !== null && (
        <RestoreSheet
          revision={restoring}
          close={() => setRestoring(null)}
          done={(made) => {
            setRestoring(null);
            setSaid(made === null ? t("admin.revisions.same") : t("admin.draft.saved", { id: made }));
          }}
        />
      )}
    </>
  );
}

function Compared({ one, other }: { one: number; other: number }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["registry", "compare", one, other], queryFn: () => registry.compare(one, other) });
  return (
    <section className="ad-box" aria-label={t("admin.revisions.compared", { one, other })}>
      <h2>{t("admin.revisions.compared", { one, other })}</h2>
      {found.error && <Failed error={found.error} again={() => void found.refetch()} />}
      {found.isPending && <Loading lines={6} />}
      {found.data && (
        <>
          {found.data.changes === null ? <p className="muted">{t("admin.revisions.unreadable")}</p> : <Sentences changes={found.data.changes} />}
          <Diff diff={found.data.diff} />
        </>
      )}
    </section>
  );
}

function RestoreSheet({ revision, close, done }: { revision: number; close: () => void; done: (made: number | null) => void }) {
  const { t } = useTranslation();
  const { state } = useDesk();
  const queries = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const diff = useQuery({ queryKey: ["registry", "compare", state.revision, revision], queryFn: () => registry.compare(state.revision ?? revision, revision) });
  const restore = (reason: string) => {
    setBusy(true);
    registry.restore(revision, state.sha256, reason).then(
      (made) => {
        void queries.invalidateQueries({ queryKey: ["registry"] });
        done(made.revision);
      },
      (failed: Error) => {
        setError(failed);
        setBusy(false);
        void queries.invalidateQueries({ queryKey: ["registry"] });
      },
    );
  };
  return (
    <Dialog title={t("admin.revisions.restoreOne", { id: revision })} cancel={close}>
      <div className="ad-sheet ad-wide">
        {error && <Alert type="error" showIcon message={t("admin.preview.refused")} description={<Refusal error={error} />} />}
        {diff.data ? (
          <>
            {diff.data.changes && <Sentences changes={diff.data.changes} />}
            <Diff diff={diff.data.diff} />
          </>
        ) : diff.error ? (
          <Failed error={diff.error} again={() => void diff.refetch()} />
        ) : (
          <Loading lines={6} />
        )}
        <Reason busy={busy} disabled={state.state === "broken"} save={restore} word={t("admin.revisions.restore")} />
        <Button onClick={close}>{t("shell.cancel")}</Button>
      </div>
    </Dialog>
  );
}
