// What stands around every page: the county and the connection above, the pages one may open beside it (below it on a phone).
import { UserOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router-dom";
import type { Language } from "../i18n";
import { useLive } from "../live";
import { Stale } from "../parts/Stale";
import { Dialog } from "./Dialog";
import { Flyout } from "./Flyout";
import { Navigation } from "./Navigation";
import { PasswordForm } from "./PasswordForm";
import { Problems } from "./Problems";
import { LanguageButton, ThemeButton, Themes } from "./choices";
import { leave, useMe } from "./me";
import { addressOf, pages } from "./pages";
import { usePhone } from "./phone";

// Only for departments: sounds, counts and sends what waits, whichever page is open.
const Keeper = lazy(() => import("../pages/inbox/Keeper"));

export function Frame() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const me = useMe();
  const away = useLive();
  const phone = usePhone();
  const { pathname } = useLocation();
  const page = pages.find((p) => pathname === addressOf(p) || pathname.startsWith(`${addressOf(p)}/`));
  const county = me.county.name[language];
  const main = useRef<HTMLElement>(null);
  const before = useRef(page);

  useEffect(() => {
    document.title = [page?.name[language], `${county} ${t("shell.title")}`].filter(Boolean).join(" · ");
  }, [page, language, county, t]);
  useEffect(() => {
    // A screen reader goes on where the new page begins.
    if (before.current !== page) main.current?.focus({ preventScroll: true });
    before.current = page;
  }, [page]);

  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <header className="bar">
        <span className="brand">
          {county} {(!phone || !(me.demo || me.synthetic)) && t("shell.title")}
        </span>
        {me.synthetic && <span className="bar-tag">{t("shell.synthetic")}</span>}
        {me.demo && !me.synthetic && <span className="bar-tag">{t("shell.demo")}</span>}
        <span className="space" />
        {me.may.includes("status.read") && <Problems />}
        <span role="status" className="connection" title={t(away === null ? "shell.live" : "shell.offline")}>
          <span className={away === null ? "dot" : "dot off"} aria-hidden />
          <span className="connection-word">{t(away === null ? "shell.live" : "shell.offline")}</span>
        </span>
        {!phone && <LanguageButton />}
        {!phone && <ThemeButton />}
        <Account />
      </header>
      <Navigation />
      <main id="main" className="frame-main" tabIndex={-1} ref={main}>
        <Stale since={away} zone={me.county.timezone} />
        {me.may.includes("inbox.answer") && (
          <Suspense fallback={null}>
            <Keeper />
          </Suspense>
        )}
        {page && <h1 className="unseen">{page.name[language]}</h1>}
        <Outlet />
      </main>
    </div>
  );
}

function Account() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const phone = usePhone();
  const [changing, setChanging] = useState<"no" | "asked" | "done">("no");
  const unit = me.unit_name?.[i18n.language as Language];
  const shown = me.shown || me.name;
  return (
    <>
      <Flyout
        label={`${t("shell.account")}: ${shown}`}
        face={
          <>
            <UserOutlined aria-hidden /> <span className="account-name">{shown}</span>
          </>
        }
      >
        {(close) => (
          <>
            <div className="flyout-said">{[shown, t(`shell.roles.${me.role}`), unit].filter(Boolean).join(" · ")}</div>
            {phone && <LanguageButton />}
            {phone && <Themes chosen={close} />}
            {me.csrf !== null && (
              <>
                <button
                  type="button"
                  onClick={() => {
                    close();
                    setChanging("asked");
                  }}
                >
                  {t("shell.change")}
                </button>
                <button type="button" onClick={() => void leave()}>
                  {t("shell.signOut")}
                </button>
              </>
            )}
          </>
        )}
      </Flyout>
      {changing !== "no" && (
        <Dialog title={t("shell.change")} cancel={() => setChanging("no")}>
          {changing === "asked" ? <PasswordForm account={me.name} asksOld done={() => setChanging("done")} /> : <p role="status">{t("shell.changed")}</p>}
          <Button block className="dialog-close" onClick={() => setChanging("no")}>
            {t(changing === "asked" ? "shell.cancel" : "close")}
          </Button>
        </Dialog>
      )}
    </>
  );
}
