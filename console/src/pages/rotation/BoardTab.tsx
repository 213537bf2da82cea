// The board: filters, grouping, zoom, and the same cameras as cells or as a table.
import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty";
import { CellTable } from "./CellTable";
import { Cells } from "./Cells";
import { Filters } from "./Filters";
import { Legend } from "./Legend";
import type { BoardLooks } from "./api";
import { chosen, type Wanted } from "./choose";
import { clock, type Standing } from "./standing";

export const GROUPS = ["category", "platform", "division"] as const;
export type GroupBy = (typeof GROUPS)[number];
const SIZES = [8, 10, 12, 16, 22, 30, 44];

/** Cells as large as lets the board be seen at once, or nearly. */
function fitting(count: number): number {
  return count > 4000 ? 2 : count > 1000 ? 3 : count > 250 ? 4 : count > 60 ? 5 : 6;
}

interface Given {
  looks: BoardLooks;
  standing: Standing;
  wanted: Wanted;
  choose: (next: Wanted) => void;
  open: (camera: string) => void;
  zone: string;
}

export function BoardTab({ looks, standing, wanted, choose, open, zone }: Given) {
  const { t } = useTranslation();
  const [by, setBy] = useState<GroupBy>("category");
  const [view, setView] = useState<"cells" | "table">("cells");
  const [zoom, setZoom] = useState<number | null>(null);
  const step = zoom ?? fitting(looks.key.length);
  const rows = useSame(useMemo(() => chosen(looks, standing, wanted, clock(standing)), [looks, standing, wanted]));
  const size = SIZES[step] ?? 12;
  if (looks.key.length === 0) return <Empty title={t("rotation.board.empty")} hint={t("rotation.board.emptyHow")} />;
  return (
    <>
      <div className="rotation-tools">
        <Filters looks={looks} wanted={wanted} choose={choose} />
        <Segmented<GroupBy> aria-label={t("rotation.group.by")} value={by} onChange={setBy} options={GROUPS.map((key) => ({ value: key, label: t(`rotation.group.${key}`) }))} />
        <Segmented aria-label={t("rotation.view.label")} value={view} onChange={setView} options={(["cells", "table"] as const).map((key) => ({ value: key, label: t(`rotation.view.${key}`) }))} />
        <span className="rotation-zoom">
          <Button icon={<MinusOutlined />} aria-label={t("rotation.zoom.out")} disabled={view === "table" || step === 0} onClick={() => setZoom(step - 1)} />
          <Button icon={<PlusOutlined />} aria-label={t("rotation.zoom.in")} disabled={view === "table" || step === SIZES.length - 1} onClick={() => setZoom(step + 1)} />
        </span>
        <span className="muted" role="status">
          {t("rotation.board.shown", { shown: rows.length, count: looks.key.length })}
        </span>
      </div>
      {view === "table" ? (
        <CellTable looks={looks} standing={standing} rows={rows} open={open} zone={zone} />
      ) : (
        <>
          {rows.length === 0 ? (
            <div className="rotation-cells">
              <Empty title={t("rotation.board.nothing")} hint={t("rotation.board.nothingHow")} />
            </div>
          ) : (
            <Cells looks={looks} standing={standing} rows={rows} by={by} size={size} open={open} zone={zone} />
          )}
          <Legend />
        </>
      )}
    </>
  );
}

/** The list before, while the new one holds the same: what is laid out by it need not be laid out again at each answer. */
function useSame(rows: number[]): number[] {
  const before = useRef(rows);
  if (rows.length !== before.current.length || rows.some((row, at) => row !== before.current[at])) before.current = rows;
  return before.current;
}
