// The live wall: the last picture of each camera, page by page through all of them, with the age of each.
import { CaretRightOutlined, PauseOutlined, StepBackwardOutlined, StepForwardOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../../format";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { Filters } from "./Filters";
import { board, type BoardLooks, type WallFilter, type WallTile } from "./api";
import type { Wanted } from "./choose";

const TURN_MS = 10_000;
const TILES = 12;

/** What the API can filter by: the state of a look, not its last outcome. */
function asked(wanted: Wanted): WallFilter {
  const state = wanted.only === "late" || wanted.only === "away" || wanted.only === "paused" ? wanted.only : null;
  return { limit: TILES, ...(wanted.category ? { category: wanted.category } : {}), ...(wanted.platform ? { platform: wanted.platform } : {}), ...(state ? { state } : {}) };
}

export function WallTab({ looks, wanted, choose, open }: { looks: BoardLooks | undefined; wanted: Wanted; choose: (next: Wanted) => void; open: (camera: string) => void }) {
  const { t } = useTranslation();
  const [cursor, setCursor] = useState<string | null>(null);
  const [turns, setTurns] = useState(true);
  const wall = useQuery({
    queryKey: ["rotation.wall", wanted.only, wanted.category, wanted.platform, cursor],
    queryFn: () => board.wall({ ...asked(wanted), ...(cursor ? { cursor } : {}) }),
    placeholderData: keepPreviousData,
  });
  const next = wall.data?.next ?? null;
  const many = (wall.data?.total ?? 0) > TILES;
  useEffect(() => {
    if (!turns || !many) return;
    const timer = setTimeout(() => setCursor(next), TURN_MS);
    return () => clearTimeout(timer);
  }, [turns, many, next, cursor]);
  const filter = (changed: Wanted) => {
    setCursor(null);
    choose(changed);
  };
  const page = wall.data;
  return (
    <>
      <div className="rotation-tools">
        <Filters looks={looks} wanted={wanted} choose={filter} text={false} />
        <Button icon={<StepBackwardOutlined />} aria-label={t("rotation.wall.previous")} title={t("rotation.wall.previous")} disabled={cursor === null} onClick={() => setCursor(null)} />
        <Button icon={turns ? <PauseOutlined /> : <CaretRightOutlined />} onClick={() => setTurns(!turns)}>
          {t(turns ? "rotation.wall.pause" : "rotation.wall.play")}
        </Button>
        <Button icon={<StepForwardOutlined />} aria-label={t("rotation.wall.next")} title={t("rotation.wall.next")} disabled={!many} onClick={() => setCursor(next)} />
        <span className="muted">{page && page.total > 0 ? t("rotation.wall.range", { from: page.before + 1, to: page.before + page.items.length, total: page.total }) : "\u00a0"}</span>
      </div>
      {wall.error && !wall.data && <Failed error={wall.error} again={() => void wall.refetch()} />}
      {wall.isPending && <Loading lines={12} />}
      {page?.total === 0 && <Empty title={t("rotation.wall.empty")} hint={t("rotation.wall.emptyHow")} />}
      <div className="rotation-wall">
        {page?.items.map((tile) => (
          <Tile key={tile.key} tile={tile} open={open} />
        ))}
      </div>
    </>
  );
}

function Tile({ tile, open }: { tile: WallTile; open: (camera: string) => void }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const age = tile.picture ? t("rotation.wall.age", { time: duration(Math.max(0, (Date.now() - Date.parse(tile.picture.at)) / 1000)) }) : null;
  return (
    <button type="button" className="rotation-tile" onClick={() => open(tile.camera)}>
      <span className="rotation-tile-picture">
        {tile.picture ? <img src={tile.picture.url} alt={t("rotation.wall.alt", { name: tile.name })} loading="lazy" /> : <span className="muted">{t("rotation.wall.none")}</span>}
      </span>
      <span className="rotation-tile-name">{tile.name}</span>
      <span className="rotation-tile-line">
        <Tag color={tile.state === "late" || tile.state === "away" ? "error" : "default"}>{t(`rotation.states.${tile.state}`)}</Tag>
        <span className="muted">{age ?? tile.category[language]}</span>
      </span>
    </button>
  );
}
