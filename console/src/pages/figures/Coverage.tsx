// Coverage: shares day by day, groups, and the looks behind a group.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { duration, moment } from "../../format";
import type { Language } from "../../i18n";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { Chart, type Series } from "./Chart";
import { Grid, type Column } from "../../parts/Grid";
import { figures, type Coverage, type CoverageFigures, type CoverageLook, type Days, type PlaceBy } from "./api";
import { Answered, Numbers, shareOf, short, useChartLabel, useNames } from "./parts";

interface Row {
  key: string | null;
  name: string;
  figures: CoverageFigures;
}

const percent = (value: number) => `${value} %`;

export function CoverageView({ days, by }: { days: Days; by: PlaceBy }) {
  const query = useQuery({ queryKey: ["figures", "coverage", days, by], queryFn: () => figures.coverage(days, by), placeholderData: keepPreviousData });
  return (
    <Answered query={query} empty={(found) => found.whole.looks === 0 && found.uncounted.length === 0}>
      {(found) => <Shown found={found} days={days} by={by} />}
    </Answered>
  );
}

function Shown({ found, days, by }: { found: Coverage; days: Days; by: PlaceBy }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const nameOf = useNames();
  const label = useChartLabel(days);
  const [behind, setBehind] = useState<Row | null>(null);
  const whole = found.whole;
  const names = useMemo(() => found.days.map((day) => short(day.day)), [found]);
  const series = useMemo<Series[]>(() => {
    const share = (part: number, of: number) => (of === 0 ? null : Math.floor((1000 * part) / of) / 10);
    return [
      { name: t("figures.missed"), kind: "bar", right: true, values: found.days.map((day) => day.figures.missed) },
      { name: t("figures.kept"), kind: "line", values: found.days.map((day) => share(day.figures.kept, day.figures.looks)) },
      { name: t("figures.keptAnswering"), kind: "line", values: found.days.map((day) => share(day.figures.kept, day.figures.answering)) },
    ];
  }, [found, t]);
  const columns: Column<Row>[] = [
    { title: t("figures.looks"), value: (row) => row.figures.looks },
    { title: t("figures.kept"), value: (row) => shareOf(row.figures.kept, row.figures.looks) },
    { title: t("figures.keptAnswering"), value: (row) => shareOf(row.figures.kept, row.figures.answering) },
    { title: t("figures.windows"), value: (row) => shareOf(row.figures.windows_seen, row.figures.windows) },
    { title: t("figures.over"), value: (row) => row.figures.over },
    { title: t("figures.inspected"), value: (row) => row.figures.inspected },
    { title: t("figures.unusable"), value: (row) => row.figures.unusable },
    { title: t("figures.unreachable"), value: (row) => row.figures.unreachable },
    { title: t("figures.missed"), value: (row) => <Missed of={row.figures} /> },
    { title: t("figures.late"), value: (row) => row.figures.late },
    { title: t("figures.judged"), value: (row) => shareOf(row.figures.inspected - row.figures.not_judged, row.figures.inspected) },
    { title: t("figures.p50"), value: (row) => duration(row.figures.gaps.p50_s) },
    { title: t("figures.p95"), value: (row) => duration(row.figures.gaps.p95_s) },
    { title: t("figures.worst"), value: (row) => duration(row.figures.gaps.worst_s) },
  ];
  const groups: Row[] = [{ key: null, name: t("figures.all"), figures: whole }, ...found.groups.map((group) => ({ key: group.key, name: nameOf(by, group.key, group.name), figures: group.figures }))];
  return (
    <>
      <p className="muted figure-notes" role="status">
        {found.counted_at && t("figures.countedAt", { time: moment(found.counted_at, zone) })}
        {found.uncounted.length > 0 && ` ${t("figures.uncounted", { count: found.uncounted.length, days: found.uncounted.slice(0, 5).join(", ") })}`}
      </p>
      <Numbers
        of={[
          [t("figures.kept"), shareOf(whole.kept, whole.looks)],
          [t("figures.keptAnswering"), shareOf(whole.kept, whole.answering)],
          [t("figures.windows"), shareOf(whole.windows_seen, whole.windows)],
          [t("figures.worst"), duration(whole.gaps.worst_s)],
          [t("figures.p95"), duration(whole.gaps.p95_s)],
          [t("figures.missed"), whole.missed],
        ]}
      />
      <Chart label={label(`${t("figures.kept")}, ${t("figures.missed")}`)} names={names} series={series} format={percent} />
      <Grid
        label={`${t("figures.names.coverage")}, ${t(`figures.bys.${by}`)}`}
        columns={[
          {
            title: t(`figures.bys.${by}`),
            value: (row) => (
              <button type="button" className="figure-behind" aria-label={`${row.name}: ${t("figures.behind")}`} aria-expanded={behind?.name === row.name} onClick={() => setBehind(behind?.name === row.name ? null : row)}>
                {row.name}
              </button>
            ),
          },
          ...columns,
        ]}
        rows={groups}
        keyOf={(row) => row.key ?? "all"}
        strong={(row) => row.key === null}
      />
      {behind && <Looks key={behind.name} days={days} by={by} group={behind} close={() => setBehind(null)} />}
      <details>
        <summary>{t("figures.byDay")}</summary>
        <Grid label={t("figures.byDay")} columns={[{ title: t("figures.day"), value: (row) => row.name }, ...columns]} rows={found.days.map((day) => ({ key: day.day, name: day.day, figures: day.figures }))} keyOf={(row) => row.name} />
      </details>
    </>
  );
}

function Missed({ of }: { of: CoverageFigures }) {
  const { t } = useTranslation();
  const causes = Object.entries(of.causes);
  return (
    <>
      {of.missed}
      {causes.length > 0 && <span className="figure-causes">{causes.map(([cause, number]) => `${t(`causes.${cause}`, cause)} ${number}`).join(" · ")}</span>}
    </>
  );
}

function Looks({ days, by, group, close }: { days: Days; by: PlaceBy; group: Row; close: () => void }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const pages = useInfiniteQuery({
    queryKey: ["figures", "looks", days, by, group.key],
    queryFn: ({ pageParam }) => figures.looks(days, by, group.key, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const columns: Column<CoverageLook>[] = [
    { title: t("camera"), value: (look) => look.name },
    { title: t("figures.bys.category"), words: true, value: (look) => look.category[language] },
    { title: t("figures.bys.platform"), words: true, value: (look) => look.platform[language] },
    { title: t("figures.daysOver"), value: (look) => `${look.days_over} / ${look.days}` },
    { title: t("figures.daysAway"), value: (look) => look.days_away },
    { title: t("figures.overFor"), value: (look) => (look.over_s > 0 ? duration(look.over_s) : "–") },
    { title: t("figures.worst"), value: (look) => duration(look.worst_gap_s) },
    { title: t("figures.inspected"), value: (look) => look.inspected },
    { title: t("figures.unusable"), value: (look) => look.unusable },
    { title: t("figures.unreachable"), value: (look) => look.unreachable },
    { title: t("figures.missed"), value: (look) => look.missed },
  ];
  return (
    <section className="figure-list" aria-labelledby="behind">
      <header>
        <h3 id="behind" tabIndex={-1} ref={heading}>
          {t("figures.behindTitle", { group: group.name })}
        </h3>
        <Button size="small" onClick={close}>
          {t("figures.close")}
        </Button>
      </header>
      {pages.error && <Failed error={pages.error} again={() => void pages.refetch()} />}
      {pages.isPending && <Loading lines={8} />}
      {pages.data && <Grid label={t("figures.behindTitle", { group: group.name })} columns={columns} rows={pages.data.pages.flatMap((page) => page.items)} keyOf={(look) => look.look} />}
      {pages.hasNextPage && (
        <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("figures.more")}
        </Button>
      )}
    </section>
  );
}

