// How fast departments answer, what they have on their hands, and what people found in spot-checks.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../../format";
import { Chart, type Series } from "./Chart";
import { Grid, type Column } from "../../parts/Grid";
import { figures, type CheckFigures, type Days, type DepartmentFigures, type PlaceBy, type ResponseBy, type ResponseFigures, type SpotCheckRange } from "./api";
import { Answered, Numbers, percentOf, short, useChartLabel, useNames } from "./parts";

const minutes = (seconds: number | null) => (seconds === null ? null : Math.round(seconds / 6) / 10);
const inMinutes = (value: number) => `${value} min`;

export function ResponseView({ days, by }: { days: Days; by: ResponseBy }) {
  const query = useQuery({ queryKey: ["figures", "response", days, by], queryFn: () => figures.response(days, by), placeholderData: keepPreviousData });
  return (
    <Answered query={query} empty={(found) => found.whole.matters === 0}>
      {(found) => <Steps found={found} days={days} by={by} />}
    </Answered>
  );
}

function Steps({ found, days, by }: { found: ResponseFigures; days: Days; by: ResponseBy }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  const label = useChartLabel(days);
  const whole = found.whole.steps;
  const names = useMemo(() => whole.map((each) => t(`figures.steps.${each.step}`)), [whole, t]);
  const series = useMemo<Series[]>(
    () => [
      { name: t("figures.median"), kind: "bar", values: whole.map((each) => minutes(each.median_s)) },
      { name: t("figures.p90"), kind: "bar", values: whole.map((each) => minutes(each.p90_s)) },
    ],
    [whole, t],
  );
  const rows = [{ ...found.whole, name: t("figures.all") }, ...found.groups.map((group) => ({ ...group, name: nameOf(by, group.key, group.name) }))].flatMap((group) =>
    group.steps.map((step) => ({ key: `${group.name} ${step.step}`, all: group.key === "", group, step })),
  );
  return (
    <>
      <Numbers of={[[t("figures.matters"), found.whole.matters], ...whole.filter((each) => each.due !== null).map((each): [string, string] => [`${t(`figures.steps.${each.step}`)} · ${t("figures.inTime")}`, percentOf(each.share)])]} />
      <Chart label={label(`${t("figures.median")}, ${t("figures.p90")}`)} names={names} series={series} format={inMinutes} />
      <Grid
        label={`${t("figures.names.response")}, ${t(`figures.bys.${by}`)}`}
        columns={[
          { title: t(`figures.bys.${by}`), value: (row) => row.group.name },
          { title: t("state"), words: true, value: (row) => t(`figures.steps.${row.step.step}`) },
          { title: t("figures.reached"), value: (row) => (row.step.due === null ? row.step.reached : `${row.step.reached} / ${row.step.due}`) },
          { title: t("figures.median"), value: (row) => duration(row.step.median_s) },
          { title: t("figures.p90"), value: (row) => duration(row.step.p90_s) },
          { title: t("figures.inTime"), value: (row) => percentOf(row.step.share) },
        ]}
        rows={rows}
        keyOf={(row) => row.key}
        strong={(row) => row.all}
      />
    </>
  );
}

export function DepartmentsView({ days }: { days: Days }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  const label = useChartLabel(days);
  const query = useQuery({ queryKey: ["figures", "departments", days], queryFn: () => figures.departments(days), placeholderData: keepPreviousData });
  const found = query.data?.departments;
  const names = useMemo(() => found?.map((each) => nameOf("department", each.id, each.name)) ?? [], [found, nameOf]);
  const series = useMemo<Series[]>(
    () => [
      { name: t("figures.disposed"), kind: "bar", stack: "told", values: found?.map((each) => each.disposed) ?? [] },
      { name: t("figures.open"), kind: "bar", stack: "told", values: found?.map((each) => each.open) ?? [] },
      { name: t("figures.ended"), kind: "bar", stack: "told", values: found?.map((each) => each.ended) ?? [] },
    ],
    [found, t],
  );
  const column = (title: string, value: (row: DepartmentFigures) => number): Column<DepartmentFigures> => ({ title, value });
  return (
    <Answered query={query} empty={(data) => data.departments.length === 0}>
      {(data) => (
        <>
          <Numbers
            of={[
              [t("figures.told"), sum(data.departments, (each) => each.told)],
              [t("figures.refused"), sum(data.departments, (each) => each.refused)],
              [t("figures.escalated"), sum(data.departments, (each) => each.escalated)],
              [t("figures.openNow"), sum(data.departments, (each) => each.open_now)],
              [t("figures.lateNow"), sum(data.departments, (each) => each.late_now)],
            ]}
          />
          <Chart label={label(t("figures.names.departments"))} names={names} series={series} />
          <Grid
            label={t("figures.names.departments")}
            columns={[
              { title: t("figures.bys.department"), value: (row) => nameOf("department", row.id, row.name) },
              column(t("figures.told"), (row) => row.told),
              column(t("figures.copies"), (row) => row.copies),
              column(t("figures.open"), (row) => row.open),
              column(t("figures.refused"), (row) => row.refused),
              column(t("figures.escalated"), (row) => row.escalated),
              column(t("figures.disposed"), (row) => row.disposed),
              column(t("figures.ended"), (row) => row.ended),
              column(t("figures.openNow"), (row) => row.open_now),
              column(t("figures.lateNow"), (row) => row.late_now),
            ]}
            rows={data.departments}
            keyOf={(row) => row.id}
          />
        </>
      )}
    </Answered>
  );
}

function sum<T>(rows: T[], value: (row: T) => number): number {
  return rows.reduce((total, row) => total + value(row), 0);
}

export function SpotChecksView({ days, by }: { days: Days; by: PlaceBy }) {
  const query = useQuery({ queryKey: ["figures", "spot-checks", days, by], queryFn: () => figures.spotChecks(days, by), placeholderData: keepPreviousData });
  return (
    <Answered query={query} empty={(found) => found.whole.drawn === 0}>
      {(found) => <Checks found={found} days={days} by={by} />}
    </Answered>
  );
}

interface Checked {
  key: string;
  name: string;
  figures: CheckFigures;
}

function Checks({ found, days, by }: { found: SpotCheckRange; days: Days; by: PlaceBy }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  const label = useChartLabel(days);
  const names = useMemo(() => found.days.map((day) => short(day.day)), [found]);
  const series = useMemo<Series[]>(
    () => [
      { name: t("figures.overlooked"), kind: "bar", stack: "drawn", values: found.days.map((day) => day.figures.overlooked) },
      { name: t("figures.answered"), kind: "bar", stack: "drawn", values: found.days.map((day) => day.figures.answered - day.figures.overlooked) },
    ],
    [found, t],
  );
  const columns: Column<Checked>[] = [
    { title: t("figures.drawn"), value: (row) => row.figures.drawn },
    { title: t("figures.answered"), value: (row) => row.figures.answered },
    { title: t("figures.unclear"), value: (row) => row.figures.unclear },
    { title: t("figures.overlooked"), value: (row) => row.figures.overlooked },
    { title: t("figures.missShare"), value: (row) => percentOf(row.figures.share) },
    { title: t("figures.interval"), value: (row) => (row.figures.low === null ? "–" : `${percentOf(row.figures.low)} – ${percentOf(row.figures.high)}`) },
  ];
  const groups: Checked[] = [{ key: "", name: t("figures.all"), figures: found.whole }, ...found.groups.map((group) => ({ key: `.${group.key}`, name: nameOf(by, group.key, group.name), figures: group.figures }))];
  return (
    <>
      <Numbers
        of={[
          [t("figures.drawn"), found.whole.drawn],
          [t("figures.answered"), found.whole.answered],
          [t("figures.overlooked"), found.whole.overlooked],
          [t("figures.missShare"), percentOf(found.whole.share)],
          [t("figures.interval"), found.whole.low === null ? "–" : `${percentOf(found.whole.low)} – ${percentOf(found.whole.high)}`],
        ]}
      />
      <Chart label={label(t("figures.names.spot-checks"))} names={names} series={series} />
      <Grid label={`${t("figures.names.spot-checks")}, ${t(`figures.bys.${by}`)}`} columns={[{ title: t(`figures.bys.${by}`), value: (row) => row.name }, ...columns]} rows={groups} keyOf={(row) => row.key} strong={(row) => row.key === ""} />
      <details>
        <summary>{t("figures.byDay")}</summary>
        <Grid label={t("figures.byDay")} columns={[{ title: t("figures.day"), value: (row) => row.name }, ...columns]} rows={found.days.map((day) => ({ key: day.day, name: day.day, figures: day.figures }))} keyOf={(row) => row.key} />
      </details>
    </>
  );
}
