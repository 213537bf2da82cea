// The rotation: every camera as a cell, the day behind it, what the cameras show, and the misses somebody has to answer for.
import { Tabs } from "antd";
import { Suspense, lazy, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";
import { addWords } from "../../i18n";
import * as words from "../../i18n/rotation";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { BoardTab } from "./BoardTab";
import { CameraDrawer } from "./CameraDrawer";
import { Figures, Model } from "./Figures";
import { MissesTab } from "./MissesTab";
import { WallTab } from "./WallTab";
import { EVERYTHING, tally, type Wanted } from "./choose";
import { clock, useStanding } from "./standing";
import "./style.css";

addWords("rotation", words);

// ECharts is loaded when the heat map is opened.
const HeatTab = lazy(() => import("./HeatTab"));
const TABS = ["cells", "heat", "wall", "misses"] as const;
type Tab = (typeof TABS)[number];

export default function RotationPage() {
  const { t } = useTranslation();
  const me = useMe();
  const { looks, standing, error, again } = useStanding();
  const [wanted, setWanted] = useState<Wanted>(EVERYTHING);
  const [opened, setOpened] = useState<string | null>(null);
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((key) => key === params.get("tab")) ?? "cells";
  const second = useSecond();
  const counts = useMemo(() => (standing ? tally(standing, clock(standing)) : null), [standing, second]);
  const open = (key: Tab) => setParams(key === "cells" ? {} : { tab: key }, { replace: true });
  const show = (only: Wanted["only"]) => {
    setWanted({ ...wanted, only: wanted.only === only ? "all" : only });
    open("cells");
  };
  const tabs = [
    {
      key: "cells",
      label: t("rotation.tabs.cells"),
      children: looks && standing ? <BoardTab looks={looks} standing={standing} wanted={wanted} choose={setWanted} open={setOpened} zone={me.county.timezone} /> : error ? null : <Loading lines={14} />,
    },
    { key: "heat", label: t("rotation.tabs.heat"), children: <Suspense fallback={<Loading lines={14} />}><HeatTab zone={me.county.timezone} /></Suspense> },
    ...(me.may.includes("picture.read") ? [{ key: "wall", label: t("rotation.tabs.wall"), children: <WallTab looks={looks} wanted={wanted} choose={setWanted} open={setOpened} /> }] : []),
    ...(me.may.includes("miss.read") ? [{ key: "misses", label: t("rotation.tabs.misses"), children: <MissesTab zone={me.county.timezone} open={setOpened} /> }] : []),
  ];
  return (
    <>
      <Figures counts={counts} only={wanted.only} show={show} misses={() => open("misses")} />
      {error && !standing && <Failed error={error} again={again} />}
      <Tabs className="rotation-tabs" activeKey={tab} onChange={(key) => open(key as Tab)} destroyOnHidden items={tabs} />
      <Model />
      <CameraDrawer id={opened} close={() => setOpened(null)} zone={me.county.timezone} />
    </>
  );
}

/** Counts up every second, so that what depends on the time is drawn again. */
function useSecond(): number {
  const [second, setSecond] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSecond((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return second;
}
