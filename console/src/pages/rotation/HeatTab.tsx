// The last 24 hours by hour and category, platform or division, as a chart and as a table with the same numbers.
import { useQuery } from "@tanstack/react-query";
import { Segmented, Select, Table } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { HeatChart } from "./HeatChart";
import { board, type HeatBy, type HeatMap } from "./api";

const FIGURES = ["missed", "unreachable", "unusable", "worst_gap_s", "inspected", "due"] as const;
export type Figure = (typeof FIGURES)[number];
const BY: HeatBy[] = ["category", "platform", "division", "all"];

/** The numbers of a figure by group and hour; gaps in whole minutes, null where there is none. */
export function numbersOf(heat: HeatMap, figure: Figure): (number | null)[][] {
  if (figure !== "worst_gap_s") return heat[figure];
  return heat.worst_gap_s.map((line) => line.map((gap) => (gap === null ? null : Math.round(gap / 60))));
}

export default function HeatTab({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const [by, setBy] = useState<HeatBy>("category");
  const [figure, setFigure] = useState<Figure>("missed");
  const [view, setView] = useState<"chart" | "table">("chart");
  const heat = useQuery({ queryKey: ["rotation.heat", by], queryFn: () => board.heat(by), refetchInterval: 30_000, placeholderData: (kept) => kept });
  const hours = heat.data?.hours.map((hour) => dayjs(hour).tz(zone).format("HH:mm")) ?? [];
  const groups = heat.data?.groups.map((group) => group.name[language]) ?? [];
  const numbers = heat.data ? numbersOf(heat.data, figure) : [];
  const nothing = heat.data !== undefined && heat.data.due.every((line) => line.every((count) => count === 0));
  const name = t(`rotation.heat.${figure}`);
  return (
    <>
      <div className="rotation-tools">
        <Segmented<HeatBy> aria-label={t("rotation.group.by")} value={by} onChange={setBy} options={BY.map((key) => ({ value: key, label: key === "all" ? t("rotation.heat.all") : t(`rotation.group.${key}`) }))} />
        <Select<Figure> aria-label={t("rotation.heat.figure")} className="rotation-select" value={figure} onChange={setFigure} options={FIGURES.map((key) => ({ value: key, label: t(`rotation.heat.${key}`) }))} />
        <Segmented aria-label={t("rotation.view.label")} value={view} onChange={setView} options={(["chart", "table"] as const).map((key) => ({ value: key, label: t(`rotation.heat.${key}`) }))} />
      </div>
      {heat.error && !heat.data && <Failed error={heat.error} again={() => void heat.refetch()} />}
      <div className="rotation-heat">
        {heat.isPending ? (
          <Loading lines={12} />
        ) : nothing ? (
          <Empty title={t("rotation.heat.none")} hint={t("rotation.heat.noneHow")} />
        ) : view === "chart" ? (
          <HeatChart hours={hours} groups={groups} numbers={numbers} name={name} unit={figure === "worst_gap_s" ? t("rotation.heat.minutes") : ""} good={figure === "inspected" || figure === "due"} label={t("rotation.heat.label", { figure: name })} />
        ) : (
          <Table
            size="small"
            className="rotation-table"
            pagination={false}
                  rowKey="key"
            dataSource={groups.map((group, at) => ({ key: at, group, line: numbers[at] ?? [] }))}
            columns={[
              { title: `${name} · ${t("rotation.heat.hour")}`, dataIndex: "group" },
              ...hours.map((hour, at) => ({ title: hour, key: hour, align: "right" as const, render: (_: unknown, row: { line: (number | null)[] }) => row.line[at] ?? "–" })),
            ]}
          />
        )}
      </div>
    </>
  );
}
