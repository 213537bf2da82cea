// The pages somebody may open: beside the page on a desk, along the lower edge of a phone, where the last place holds the rest.
import { EllipsisOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router-dom";
import type { Language } from "../i18n";
import { Flyout } from "./Flyout";
import { useMe } from "./me";
import { addressOf, pages, type Page } from "./pages";
import { usePhone } from "./phone";

const PLACES = 5;

export function Navigation() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const me = useMe();
  const phone = usePhone();
  const allowed = pages.filter((page) => page.open(me));
  const first = phone && allowed.length > PLACES ? allowed.slice(0, PLACES - 1) : allowed;
  const rest = allowed.slice(first.length);
  const entry = (page: Page, close?: () => void) => (
    <NavLink key={page.path} to={addressOf(page)} {...(close ? { onClick: close } : {})}>
      <page.icon aria-hidden />
      <span>{page.name[language]}</span>
    </NavLink>
  );
  return (
    <nav className="frame-nav" aria-label={t("shell.menu")}>
      {first.map((page) => entry(page))}
      {rest.length > 0 && (
        <Flyout
          className="frame-more"
          label={t("shell.more")}
          face={
            <>
              <EllipsisOutlined aria-hidden />
              <span>{t("shell.more")}</span>
            </>
          }
        >
          {(close) => rest.map((page) => entry(page, close))}
        </Flyout>
      )}
    </nav>
  );
}
