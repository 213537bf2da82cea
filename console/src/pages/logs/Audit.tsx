// The audit trail and the register of evidence calls, newest first, a page at a time.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Grid, type Column } from "../../parts/Grid";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { Filter } from "./Filter";
import { asQuery, logs, type AuditEntry, type EvidenceCall, type Wanted } from "./api";

export function AuditLog() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const [wanted, setWanted] = useState<Wanted>({});
  const pages = useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) => logs.audit(wanted, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => (last.next ? Number(last.next) : undefined),
  });
  const verify = useMutation({ mutationFn: logs.verifyAudit });
  const found = verify.data;
  const deed = (action: string) => t(`logs.deeds.${action.replace(".", "_")}`, action.startsWith("case.") ? t("logs.caseMove", { move: action.slice("case.".length) }) : action);
  const columns: Column<AuditEntry>[] = [
    { title: t("logs.time"), value: (row) => moment(row.at, zone) },
    { title: t("logs.who"), words: true, value: (row) => <Who shown={row.shown} name={row.who} role={row.role} unit={row.unit} /> },
    { title: t("logs.action"), words: true, value: (row) => <span title={row.action}>{deed(row.action)}</span> },
    { title: t("logs.outcome"), words: true, value: (row) => <span className={row.outcome === "refused" ? "log-refused" : undefined}>{t(`logs.outcomes.${row.outcome}`, row.outcome)}</span> },
    { title: t("logs.object"), words: true, value: (row) => [row.kind && t(`logs.kinds.${row.kind}`, row.kind), row.ref].filter(Boolean).join(" ") },
    { title: t("logs.camera"), words: true, value: (row) => row.camera },
    { title: t("logs.reason"), words: true, value: (row) => row.reason },
    { title: t("logs.details"), words: true, value: (row) => <Details of={row} /> },
  ];
  return (
    <>
      <Filter
        of={["who", "action", "ref", "camera", "outcome", "since", "until"]}
        set={setWanted}
        more={
          <Button loading={verify.isPending} onClick={() => verify.mutate()}>
            {t(verify.isPending ? "logs.verifying" : "logs.verify")}
          </Button>
        }
      />
      <div role="status">
        {verify.error && <Failed error={verify.error} again={() => verify.mutate()} />}
        {found && found.problems.length === 0 && <Alert type="success" showIcon message={t("logs.whole", { rows: found.rows })} />}
        {found && found.problems.length > 0 && <Alert type="error" showIcon message={t("logs.broken", { count: found.problems.length })} description={<Problems of={found.problems} />} />}
      </div>
      <Lines pages={pages} label={t("logs.tabs.audit")} columns={columns} keyOf={(row) => String(row.seq)} />
    </>
  );
}

export function EvidenceCalls({ trace }: { trace: (sha256: string) => void }) {
  const { t, i18n } = useTranslation();
  const zone = useMe().county.timezone;
  const whyOf = useWhy();
  const [wanted, setWanted] = useState<Wanted>({});
  const pages = useInfiniteQuery({
    queryKey: ["evidence-calls", wanted],
    queryFn: ({ pageParam }) => logs.calls(wanted, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const file = (format: string) => `/api/v1/evidence-calls/file?${new URLSearchParams({ ...asQuery(wanted), format, lang: i18n.language as Language }).toString()}`;
  const columns: Column<EvidenceCall>[] = [
    { title: t("logs.time"), value: (row) => moment(row.at, zone) },
    { title: t("logs.who"), words: true, value: (row) => <Who shown={row.shown} name={row.who} role={row.role} unit={row.unit} /> },
    { title: t("logs.how"), words: true, value: (row) => t(`logs.hows.${row.how}`, row.how) },
    { title: t("logs.reason"), words: true, value: (row) => whyOf(row.why) },
    { title: t("logs.camera"), words: true, value: (row) => row.camera_name ?? row.camera },
    { title: t("logs.takenAt"), words: true, value: (row) => moment(row.taken_at, zone) },
    { title: t("logs.what"), words: true, value: (row) => (row.what ? t(`logs.whats.${row.what}`, row.what) : "") },
    { title: t("logs.recipient"), words: true, value: (row) => [row.recipient, row.export].filter(Boolean).join(" · ") },
    {
      title: t("logs.trace"),
      words: true,
      value: (row) => {
        const sha256 = row.sha256;
        return sha256 ? (
          <button type="button" className="log-link" aria-label={`${t("logs.trace")} ${sha256}`} onClick={() => trace(sha256)}>
            <code>{sha256.slice(0, 12)}…</code>
          </button>
        ) : null;
      },
    },
  ];
  return (
    <>
      <Filter
        of={["who", "camera", "since", "until"]}
        set={setWanted}
        more={
          <span className="log-files">
            {t("logs.file")}: <a href={file("xlsx")} download>{t("logs.workbook")}</a> <a href={file("csv")} download>{t("logs.text")}</a>
          </span>
        }
      />
      <Lines pages={pages} label={t("logs.tabs.calls")} columns={columns} keyOf={(row) => String(row.seq)} />
    </>
  );
}

/** Why a picture was opened: typed by a person, or what it was opened for (`review:<incident>`), in words. */
export function useWhy() {
  const { t, i18n } = useTranslation();
  return (why: string | null): string => {
    const [, what, which] = /^(\w+)(?::(\w+))?$/.exec(why ?? "") ?? [];
    if (!what || !i18n.exists(`logs.whys.${what}`)) return why ?? "–";
    return [t(`logs.whys.${what}`), which?.slice(0, 8)].filter(Boolean).join(" ");
  };
}

interface Pages<Row> {
  data: { pages: { items: Row[] }[] } | undefined;
  error: Error | null;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

function Lines<Row>({ pages, label, columns, keyOf }: { pages: Pages<Row>; label: string; columns: Column<Row>[]; keyOf: (row: Row) => string }) {
  const { t } = useTranslation();
  if (pages.error) return <Failed error={pages.error} again={() => void pages.refetch()} />;
  if (!pages.data) return <Loading lines={12} />;
  const rows = pages.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) return <Empty title={t("logs.none")} hint={t("logs.noneHow")} />;
  return (
    <>
      <Grid label={label} columns={columns} rows={rows} keyOf={keyOf} />
      {pages.hasNextPage && (
        <Button className="log-more" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("logs.more")}
        </Button>
      )}
    </>
  );
}

function Who({ shown, name, role, unit }: { shown: string; name: string; role: string; unit: string | null }) {
  const { t } = useTranslation();
  return (
    <>
      {shown}
      <span className="log-below">{[shown === name ? null : name, t(`shell.roles.${role}`, role), unit].filter(Boolean).join(" · ")}</span>
    </>
  );
}

function Details({ of }: { of: AuditEntry }) {
  const { t } = useTranslation();
  const rest = Object.entries(of.detail ?? {});
  return (
    <details className="log-details">
      <summary aria-label={`${t("logs.details")} ${of.seq}`}>
        {t("logs.number")} {of.seq}
      </summary>
      <dl>
        {rest.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("logs.address")}</dt>
          <dd>{of.address ?? "–"}</dd>
        </div>
        <div>
          <dt>{t("logs.hash")}</dt>
          <dd>
            <code>{of.hash}</code>
          </dd>
        </div>
      </dl>
    </details>
  );
}

export function Problems({ of }: { of: string[] }) {
  return (
    <ul className="log-problems">
      {of.slice(0, 20).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
