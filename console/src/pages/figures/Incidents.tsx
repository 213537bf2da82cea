// Incidents by day and group, and false alarms by camera and kind.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../../format";
import { Chart, type Series } from "./Chart";
import { Grid, type Column } from "../../parts/Grid";
import { figures, type Days, type FalseAlarmCounts, type FalseAlarms, type IncidentBy, type IncidentCounts, type IncidentFigures } from "./api";
import { Answered, Numbers, percentOf, short, useChartLabel, useNames } from "./parts";

const KINDS = ["congestion", "fireworks", "fishing"];
const VERDICTS = ["confirmed", "false_alarm", "duplicate", "unclear", "exempt"] as const;

interface Row {
  key: string;
  name: string;
  counts: IncidentCounts;
}

export function IncidentsView({ days, by }: { days: Days; by: IncidentBy }) {
  const query = useQuery({ queryKey: ["figures", "incidents", days, by], queryFn: () => figures.incidents(days, by), placeholderData: keepPreviousData });
  return (
    <Answered query={query} empty={(found) => found.seen === 0 && found.days.every((day) => day.waiting === 0)}>
      {(found) => <Shown found={found} days={days} by={by} />}
    </Answered>
  );
}

function Shown({ found, days, by }: { found: IncidentFigures; days: Days; by: IncidentBy }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  const label = useChartLabel(days);
  const names = useMemo(() => found.days.map((day) => short(day.day)), [found]);
  const series = useMemo<Series[]>(
    () => [
      ...KINDS.map((kind): Series => ({ name: t(`kinds.${kind}`), kind: "bar", stack: "kinds", values: found.days.map((day) => day.counts.kinds[kind] ?? 0) })),
      { name: t("figures.waitingEnd"), kind: "line", values: found.days.map((day) => day.waiting) },
    ],
    [found, t],
  );
  const columns: Column<Row>[] = [
    { title: t("figures.new"), value: (row) => row.counts.new },
    { title: t("figures.flagged"), value: (row) => row.counts.flagged },
    { title: t("figures.open"), value: (row) => row.counts.open },
    ...VERDICTS.map((verdict): Column<Row> => ({ title: t(`figures.verdicts.${verdict}`), value: (row) => row.counts[verdict] })),
    { title: t("figures.waiting"), value: (row) => row.counts.waiting },
  ];
  const groups: Row[] = [{ key: "", name: t("figures.all"), counts: found.whole }, ...found.groups.map((group) => ({ key: `.${group.key}`, name: nameOf(by, group.key, group.name), counts: group.counts }))];
  const last = found.days.at(-1);
  return (
    <>
      <Numbers
        of={[
          [t("figures.new"), found.whole.new],
          [t("figures.seen"), found.seen],
          [t("figures.verdicts.confirmed"), found.whole.confirmed],
          [t("figures.verdicts.false_alarm"), found.whole.false_alarm],
          [t("figures.waitingEnd"), last?.waiting ?? "–"],
          [t("figures.reviewMedian"), duration(found.review_median_s)],
        ]}
      />
      <Chart label={label(`${t("figures.names.incidents")}, ${t("figures.waitingEnd")}`)} names={names} series={series} />
      <Grid label={`${t("figures.names.incidents")}, ${t(`figures.bys.${by}`)}`} columns={[{ title: t(`figures.bys.${by}`), value: (row) => row.name }, ...columns]} rows={groups} keyOf={(row) => row.key} strong={(row) => row.key === ""} />
      <details>
        <summary>{t("figures.byDay")}</summary>
        <Grid
          label={t("figures.byDay")}
          columns={[
            { title: t("figures.day"), value: (row) => row.name },
            ...columns,
            { title: t("figures.judgedOn"), value: (row) => found.days.find((day) => day.day === row.key)?.judged },
            { title: t("figures.waitingEnd"), value: (row) => found.days.find((day) => day.day === row.key)?.waiting },
          ]}
          rows={found.days.map((day) => ({ key: day.day, name: day.day, counts: day.counts }))}
          keyOf={(row) => row.key}
        />
      </details>
    </>
  );
}

export function FalseAlarmsView({ days }: { days: Days }) {
  const query = useQuery({ queryKey: ["figures", "false-alarms", days], queryFn: () => figures.falseAlarms(days), placeholderData: keepPreviousData });
  return (
    <Answered query={query} empty={(found) => found.whole.judged === 0}>
      {(found) => <Judged found={found} days={days} />}
    </Answered>
  );
}

interface Judgement {
  key: string;
  name: string;
  kind: string;
  counts: FalseAlarmCounts;
}

function Judged({ found, days }: { found: FalseAlarms; days: Days }) {
  const { t } = useTranslation();
  const label = useChartLabel(days);
  const reasons = (counts: FalseAlarmCounts) =>
    Object.entries(counts.reasons).map(([code, number]) => `${code === "" ? t("figures.noReason") : t(`figures.reason.${code}`, code)} ${number}`).join(" · ");
  const columns: Column<Judgement>[] = [
    { title: t("figures.judgedNumber"), value: (row) => row.counts.judged },
    { title: t("figures.false"), value: (row) => row.counts.false },
    { title: t("figures.share"), value: (row) => percentOf(row.counts.share) },
    { title: t("figures.interval"), value: (row) => `${percentOf(row.counts.low)} – ${percentOf(row.counts.high)}` },
    { title: t("figures.reasons"), words: true, value: (row) => reasons(row.counts) },
  ];
  const names = useMemo(() => found.kinds.map((each) => t(`kinds.${each.kind}`, each.kind)), [found, t]);
  const series = useMemo<Series[]>(
    () => [
      { name: t("figures.false"), kind: "bar", stack: "judged", values: found.kinds.map((each) => each.counts.false) },
      { name: t("figures.verdicts.confirmed"), kind: "bar", stack: "judged", values: found.kinds.map((each) => each.counts.judged - each.counts.false) },
    ],
    [found, t],
  );
  const kinds: Judgement[] = [
    { key: "", name: t("figures.all"), kind: "", counts: found.whole },
    ...found.kinds.map((each) => ({ key: each.kind, name: t(`kinds.${each.kind}`, each.kind), kind: each.kind, counts: each.counts })),
  ];
  return (
    <>
      <Numbers
        of={[
          [t("figures.judgedNumber"), found.whole.judged],
          [t("figures.false"), found.whole.false],
          [t("figures.share"), percentOf(found.whole.share)],
          [t("figures.interval"), `${percentOf(found.whole.low)} – ${percentOf(found.whole.high)}`],
        ]}
      />
      <Chart label={label(`${t("figures.false")}, ${t("figures.bys.kind")}`)} names={names} series={series} />
      <Grid label={`${t("figures.names.false-alarms")}, ${t("figures.bys.kind")}`} columns={[{ title: t("figures.bys.kind"), value: (row) => row.name }, ...columns]} rows={kinds} keyOf={(row) => row.key} strong={(row) => row.key === ""} />
      <p className="muted">{t("figures.showing", { total: found.rows_total, shown: found.rows.length })}</p>
      <Grid
        label={`${t("figures.names.false-alarms")}, ${t("figures.bys.camera")}`}
        columns={[{ title: t("camera"), value: (row) => row.name }, { title: t("figures.bys.kind"), words: true, value: (row) => t(`kinds.${row.kind}`, row.kind) }, ...columns]}
        rows={found.rows.map((row) => ({ key: `${row.camera} ${row.kind}`, name: row.camera_name ?? row.camera, kind: row.kind, counts: row.counts }))}
        keyOf={(row) => row.key}
      />
    </>
  );
}
