// Which address shows what: the pages of pages.ts inside the frame, each loaded when it is opened and failing for itself.
import { Button } from "antd";
import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useRouteError, type RouteObject } from "react-router-dom";
import { Empty } from "../parts/Empty";
import { Loading } from "../parts/Loading";
import Enter from "./Enter";
import { Gate } from "./Gate";
import { useMe } from "./me";
import { addressOf, homeOf, pages, type Page } from "./pages";

function Home() {
  const { t } = useTranslation();
  const home = homeOf(useMe());
  return home ? <Navigate to={addressOf(home)} replace /> : <Empty title={t("shell.nothing")} />;
}

function Missing() {
  const { t } = useTranslation();
  return <Empty title={t("shell.missing")} hint={t("shell.missingHow")} action={<Link to="/">{t("shell.home")}</Link>} />;
}

function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div role="alert">
      <Empty
        title={t("shell.broken")}
        hint={t("shell.brokenHow")}
        action={
          <>
            <p className="muted">{error instanceof Error ? error.message : String(error)}</p>
            <Button onClick={() => window.location.reload()}>{t("shell.reload")}</Button>
          </>
        }
      />
    </div>
  );
}

function opened(page: Page) {
  const Content = lazy(page.load);
  return function Opened() {
    const { t } = useTranslation();
    const me = useMe();
    if (!page.open(me)) return <Empty title={t("shell.forbidden")} hint={t("shell.forbiddenHow")} action={<Link to="/">{t("shell.home")}</Link>} />;
    return (
      <Suspense fallback={<Loading lines={12} />}>
        <Content />
      </Suspense>
    );
  };
}

export const routes: RouteObject[] = [
  { path: "/enter", Component: Enter, ErrorBoundary: Broken },
  {
    path: "/",
    Component: Gate,
    ErrorBoundary: Broken,
    children: [
      { index: true, Component: Home },
      ...pages.map((page) => ({ path: page.path, Component: opened(page), ErrorBoundary: Broken })),
      { path: "*", Component: Missing },
    ],
  },
];
