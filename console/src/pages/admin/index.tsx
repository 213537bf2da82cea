// Configuration (配置): cameras, rules, routes, revisions, people and tokens. What is changed gathers in a draft until it is saved.
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { Suspense, lazy, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Route, Routes, useLocation } from "react-router-dom";
import { addWords } from "../../i18n";
import * as words from "../../i18n/admin";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { registry, type State } from "./api";
import { DeskContext } from "./desk";
import { Problems } from "./Diff";
import { useDraft } from "./draft";
import { DraftBar } from "./DraftBar";
import { Overview } from "./Overview";
import "./style.css";

addWords("admin", words);

const TABS = ["cameras", "rules", "routes", "revisions", "users", "tokens"] as const;

const Cameras = lazy(() => import("./Cameras"));
const Camera = lazy(() => import("./Camera"));
const Rules = lazy(() => import("./Rules"));
const RouteTable = lazy(() => import("./RouteTable"));
const Revisions = lazy(() => import("./Revisions"));
const Users = lazy(() => import("./Users"));
const Tokens = lazy(() => import("./Tokens"));

export default function Admin() {
  const state = useQuery({ queryKey: ["registry", "state"], queryFn: registry.state });
  if (state.data) return <Configuration state={state.data} />;
  return state.error ? <Failed error={state.error} again={() => void state.refetch()} /> : <Loading lines={14} />;
}

function Configuration({ state }: { state: State }) {
  const { t } = useTranslation();
  const me = useMe();
  const draft = useDraft(me.name, state.sha256);
  const tabs = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    // On a phone the tabs stand in a line that scrolls.
    const [line, tab] = [tabs.current, tabs.current?.querySelector<HTMLElement>(".active")];
    if (line && tab) line.scrollLeft = tab.offsetLeft - (line.clientWidth - tab.clientWidth) / 2;
  }, [pathname]);
  return (
    <DeskContext.Provider value={{ ...draft, state }}>
      <div className="ad">
        <nav ref={tabs} className="ad-tabs" aria-label={t("admin.tabs.label")}>
          <NavLink to="/admin" end>
            {t("admin.tabs.overview")}
          </NavLink>
          {TABS.map((tab) => (
            <NavLink key={tab} to={`/admin/${tab}`}>
              {t(`admin.tabs.${tab}`)}
            </NavLink>
          ))}
        </nav>
        {state.state === "broken" && (
          <Alert
            type="error"
            showIcon
            message={t("admin.broken", { file: state.file ?? "" })}
            description={
              <>
                <Problems problems={state.problems} />
                {t("admin.brokenHow")}
              </>
            }
          />
        )}
        {state.file === null && <Alert type="warning" showIcon message={t("admin.noFile")} />}
        <Suspense fallback={<Loading lines={12} />}>
          <Routes>
            <Route index element={<Overview />} />
            <Route path="cameras" element={<Cameras />} />
            <Route path="cameras/:camera" element={<Camera />} />
            <Route path="rules" element={<Rules />} />
            <Route path="routes" element={<RouteTable />} />
            <Route path="revisions" element={<Revisions />} />
            <Route path="users" element={<Users />} />
            <Route path="tokens" element={<Tokens />} />
            <Route path="*" element={<Empty title={t("shell.missing")} hint={t("shell.missingHow")} />} />
          </Routes>
        </Suspense>
        <DraftBar />
      </div>
    </DeskContext.Provider>
  );
}
