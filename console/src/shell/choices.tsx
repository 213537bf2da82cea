// The two things everybody chooses for themselves: the language and the appearance.
import { BulbOutlined, GlobalOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { chooseLanguage, type Language } from "../i18n";
import { Flyout } from "./Flyout";
import { CHOICES, chooseTheme, useThemeChoice } from "./theme";

export function LanguageButton() {
  const { t, i18n } = useTranslation();
  const next: Language = i18n.language === "zh" ? "en" : "zh";
  return (
    <button type="button" className="bar-button" title={t("shell.language")} onClick={() => chooseLanguage(next)} lang={next === "zh" ? "zh-CN" : "en"}>
      <GlobalOutlined aria-hidden /> {next === "zh" ? "中文" : "EN"}
    </button>
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  return (
    <Flyout label={t("shell.theme")} face={<BulbOutlined aria-hidden />}>
      {(close) => <Themes chosen={close} />}
    </Flyout>
  );
}

/** The appearances as entries of a sheet. */
export function Themes({ chosen }: { chosen: () => void }) {
  const { t } = useTranslation();
  const choice = useThemeChoice();
  return CHOICES.map((key) => (
    <button
      key={key}
      type="button"
      aria-pressed={key === choice}
      onClick={() => {
        chooseTheme(key);
        chosen();
      }}
    >
      {t("shell.theme")}: {t(`shell.themes.${key}`)}
    </button>
  ));
}
