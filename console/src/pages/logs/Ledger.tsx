// The ledger: where its chain ends, a walk through all of it, the daily roots with the day's patrol log, what is wrong with the service.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { moment } from "../../format";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Grid, type Column } from "../../parts/Grid";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { useSentences } from "../../shell/Problems";
import { Problems } from "./Audit";
import { logs, type LedgerRoot, type LedgerState } from "./api";

const WATCH_MS = 1000;

export function LedgerLog() {
  const me = useMe();
  return (
    <div className="ledger">
      <Chain />
      {me.may.includes("status.read") && <Service />}
      <Roots />
    </div>
  );
}

function Chain() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const state = useQuery({ queryKey: ["ledger"], queryFn: logs.ledger, refetchInterval: (query) => (query.state.data?.check?.state === "running" ? WATCH_MS : false) });
  const check = useMutation({ mutationFn: logs.check, onSettled: () => void queries.invalidateQueries({ queryKey: ["ledger"] }) });
  const running = check.isPending || state.data?.check?.state === "running";
  return (
    <section aria-labelledby="chain">
      <h2 id="chain">{t("logs.chainEnd")}</h2>
      {state.error && <Failed error={state.error} again={() => void state.refetch()} />}
      {!state.data && !state.error && <Loading lines={3} />}
      {state.data && (
        <>
          <p>
            {t("logs.links", { position: state.data.position ?? 0 })}
            {state.data.day && ` · ${t("logs.lastRoot", { day: state.data.day })}`}
          </p>
          {state.data.hash && (
            <p>
              <code className="trace-sha">{state.data.hash}</code>
            </p>
          )}
          <div className="ledger-check" role="status">
            <Checked of={state.data} />
          </div>
          {check.error && <Failed error={check.error} again={() => check.mutate()} />}
          <Button type="primary" disabled={running} onClick={() => check.mutate()}>
            {t("logs.check")}
          </Button>
        </>
      )}
    </section>
  );
}

function Checked({ of }: { of: LedgerState }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const check = of.check;
  if (!check) return <p className="muted">{t("logs.checkNone")}</p>;
  const time = moment(check.ended_at, zone);
  switch (check.state) {
    case "running":
      return (
        <>
          <p>{t("logs.checking", { done: check.done, total: check.total })}</p>
          <Progress percent={check.total === 0 ? 0 : Math.floor((100 * check.done) / check.total)} aria-label={t("logs.check")} />
        </>
      );
    case "whole":
      return <Alert type="success" showIcon message={t("logs.checkWhole", { total: check.total, roots: check.roots, time })} />;
    case "broken":
      return <Alert type="error" showIcon message={t("logs.checkBroken", { count: check.found, time })} description={<Problems of={check.problems.map((problem) => `${problem.position ?? "–"} ${problem.kind} ${problem.ref}: ${problem.detail}`)} />} />;
    case "failed":
      return <Alert type="error" showIcon message={t("logs.checkFailed", { why: check.why })} />;
  }
}

function Service() {
  const { t } = useTranslation();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const problems = useSentences(status.data);
  return (
    <section aria-labelledby="problems">
      <h2 id="problems">{t("logs.problems")}</h2>
      {status.error && <Failed error={status.error} again={() => void status.refetch()} />}
      {!status.data && !status.error && <Loading lines={2} />}
      {status.data && problems.length === 0 && <p className="trace-good">{t("logs.noProblems")}</p>}
      {problems.map((sentence) => (
        <Alert key={sentence} type="error" showIcon message={sentence} />
      ))}
    </section>
  );
}

function Roots() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const zone = me.county.timezone;
  const pages = useInfiniteQuery({
    queryKey: ["ledger", "roots"],
    queryFn: ({ pageParam }) => logs.roots(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const file = (day: string, format: string) => `/api/v1/ledger/day-report?${new URLSearchParams({ day, format, lang: i18n.language as Language }).toString()}`;
  const columns: Column<LedgerRoot>[] = [
    { title: t("logs.day"), value: (row) => row.day },
    { title: t("logs.positions"), value: (row) => `${row.first_position} – ${row.last_position}` },
    { title: t("logs.root"), words: true, value: (row) => <code>{row.root}</code> },
    { title: t("logs.madeAt"), words: true, value: (row) => moment(row.made_at, zone) },
    ...(me.sight === null
      ? [
          {
            title: t("logs.log"),
            words: true,
            value: (row: LedgerRoot) => (
              <span className="log-files">
                {["pdf", "xlsx"].map((format) => (
                  <a key={format} href={file(row.day, format)} download aria-label={`${t("logs.logFor", { day: row.day })} ${format}`}>
                    {format.toUpperCase()}
                  </a>
                ))}
              </span>
            ),
          },
        ]
      : []),
  ];
  const rows = pages.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="roots">
      <h2 id="roots">{t("logs.roots")}</h2>
      <p className="muted">{t("logs.rootsHow")}</p>
      {pages.error && <Failed error={pages.error} again={() => void pages.refetch()} />}
      {pages.isPending && <Loading lines={6} />}
      {rows?.length === 0 && <Empty title={t("logs.noRoots")} hint={t("logs.noRootsHow")} />}
      {rows && rows.length > 0 && <Grid label={t("logs.roots")} columns={columns} rows={rows} keyOf={(row) => row.day} />}
      {pages.hasNextPage && (
        <Button className="log-more" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("logs.more")}
        </Button>
      )}
    </section>
  );
}
