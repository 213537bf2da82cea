// The languages of the console: which one is shown, and whose words are there. A page brings its own words when it is loaded.
import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import * as common from "./common";
import * as shell from "./shell";

export type Language = "zh" | "en";

/** What a file of words exports. The type checker holds `en` against `zh`, a test holds the words themselves. */
export interface Words {
  zh: object;
  en: object;
}

export function rememberedLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh";
}

/** Make a page's words known as `<page>.…`; called at the top of the page's own module, so that they travel with it. */
export function addWords(page: string, words: Words): void {
  i18n.addResourceBundle("zh", "translation", { [page]: words.zh }, true, true);
  i18n.addResourceBundle("en", "translation", { [page]: words.en }, true, true);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem("language", language);
  void i18n.changeLanguage(language);
}

void i18n.use(initReactI18next).init({
  resources: {
    zh: { translation: { ...common.zh, shell: shell.zh } },
    en: { translation: { ...common.en, shell: shell.en } },
  },
  lng: rememberedLanguage(),
  fallbackLng: "en",
  interpolation: { escapeValue: false },
});

export default i18n;
