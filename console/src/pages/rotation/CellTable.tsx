// The board as a table, the most pressing first: for screen readers, and for whoever would rather read.
import { Button, Table } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { duration, moment } from "../../format";
import type { Language } from "../../i18n";
import type { BoardLooks } from "./api";
import { isoOf } from "./said";
import { clock, type Standing } from "./standing";
import { markOf } from "./visual";

export function CellTable({ looks, standing, rows, open, zone }: { looks: BoardLooks; standing: Standing; rows: number[]; open: (camera: string) => void; zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const now = clock(standing);
  const sorted = useMemo(() => [...rows].sort((a, b) => (standing.deadline[a] ?? Infinity) - (standing.deadline[b] ?? Infinity)), [rows, standing]);
  const left = (row: number) => {
    const deadline = standing.deadline[row] ?? null;
    if (deadline === null) return t("rotation.left.none");
    return deadline > now ? duration(deadline - now) : t("rotation.left.over", { time: duration(now - deadline) });
  };
  const state = (row: number) => (markOf(standing, row, now) === "late" ? "late" : (standing.states[standing.state[row] ?? 0] ?? "waiting"));
  return (
    <Table<number>
      size="small"
      className="rotation-table"
      rowKey={(row) => looks.key[row] ?? row}
      dataSource={sorted}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      columns={[
        {
          title: t("camera"),
          render: (_, row) => (
            <Button type="link" className="rotation-link" onClick={() => open(looks.camera[row] ?? "")}>
              {looks.name[row]}
            </Button>
          ),
        },
        { title: t("state"), render: (_, row) => <span className={["late", "away"].includes(state(row)) ? "bad" : ""}>{t(`rotation.states.${state(row)}`)}</span> },
        { title: t("rotation.left.column"), render: (_, row) => left(row) },
        { title: t("category"), render: (_, row) => looks.categories[looks.category[row] ?? -1]?.name[language] },
        { title: t("platform"), render: (_, row) => looks.platforms[looks.platform[row] ?? -1]?.name[language] },
        {
          title: t("last"),
          render: (_, row) => {
            const outcome = standing.outcomes[standing.outcome[row] ?? -1];
            const cause = standing.causes[standing.cause[row] ?? -1];
            return outcome ? `${t(`outcomes.${outcome}`)}${cause ? ` · ${t(`causes.${cause}`, cause)}` : ""} ${moment(isoOf(standing.ended[row]), zone)}` : t("never");
          },
        },
      ]}
    />
  );
}
