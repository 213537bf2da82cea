// The sheet that stands before the console when nobody is in it: sign-in, first visit, a password that is due.
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageButton, ThemeButton } from "./choices";

export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="door">
      <header className="bar">
        <span className="brand">{t("shell.title")}</span>
        <span className="space" />
        <LanguageButton />
        <ThemeButton />
      </header>
      <main className="door-sheet">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}
