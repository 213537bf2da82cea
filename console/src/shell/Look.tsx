// How the console looks: the chosen language's words of Ant Design and of dates, and the theme's colours.
import { ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import english from "antd/es/locale/en_US";
import dayjs from "dayjs";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../i18n";
import { tokens, useShownTheme } from "./theme";

// Chinese is loaded when it is chosen; English is in Ant Design anyway.
async function localeOf(language: Language): Promise<Locale> {
  if (language === "en") return english;
  const [{ default: chinese }] = await Promise.all([import("antd/es/locale/zh_CN"), import("dayjs/locale/zh-cn")]);
  return chinese;
}

export function Look({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const language = i18n.language as Language;
  const theme = useShownTheme();
  const [locale, setLocale] = useState<Locale>(english);
  useEffect(() => {
    let wanted = true;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    void localeOf(language).then((found) => {
      if (!wanted) return;
      dayjs.locale(language === "zh" ? "zh-cn" : "en");
      setLocale(found);
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  return (
    // Never without a locale: with the first one Ant Design would mount everything below anew.
    <ConfigProvider locale={locale} theme={tokens(theme)} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}
