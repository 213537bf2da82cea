// How the console looks: the chosen language's words of Ant Design and of dates, and the theme's colours.
import { ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import dayjs from "dayjs";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../i18n";
import { tokens, useShownTheme } from "./theme";

// Only the chosen one is loaded. English is what Ant Design itself speaks, so that it needs no file.
async function chineseOf(language: Language): Promise<Locale | undefined> {
  if (language === "en") return undefined;
  const [{ default: locale }] = await Promise.all([import("antd/es/locale/zh_CN"), import("dayjs/locale/zh-cn")]);
  return locale;
}

export function Look({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const language = i18n.language as Language;
  const theme = useShownTheme();
  const [locale, setLocale] = useState<Locale>();
  useEffect(() => {
    let wanted = true;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    void chineseOf(language).then((found) => {
      if (!wanted) return;
      dayjs.locale(language === "zh" ? "zh-cn" : "en");
      setLocale(found);
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  return (
    <ConfigProvider {...(locale ? { locale } : {})} theme={tokens(theme)} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}
