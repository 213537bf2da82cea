// The colours of the console in one place: Ant Design's tokens and the pages' own styles (`var(--…)`) take them from here.
import { theme as antd, type ThemeConfig } from "antd";
import { useSyncExternalStore } from "react";

export type Choice = "light" | "dark" | "system";
export const CHOICES: Choice[] = ["light", "dark", "system"];

/** Names as the pages' styles use them: `--bg`, `--surface`, … Text on its ground is 4.5 : 1 or better (WCAG 2.2 AA). */
const palettes = {
  light: {
    bg: "#f1f3f6", surface: "#ffffff", raised: "#f7f9fb", line: "#d5dae1", fieldLine: "#7d8896", text: "#1b2430", muted: "#566070",
    accent: "#13518f", accentText: "#ffffff", bar: "#0b2545", barText: "#ffffff", good: "#20702a", warn: "#8a5300", bad: "#b3261e", info: "#13518f",
    goodGround: "#e6f4e7", warnGround: "#fff3dc", badGround: "#fdeceb", infoGround: "#e6eff9",
  },
  dark: {
    bg: "#0f141b", surface: "#171e27", raised: "#1e2732", line: "#324050", fieldLine: "#6d7d90", text: "#e4e9f0", muted: "#9aa7b8",
    accent: "#6aa9ec", accentText: "#0b1626", bar: "#0a1a30", barText: "#f2f6fb", good: "#7fcf88", warn: "#f0b95c", bad: "#ff9088", info: "#8cbdf2",
    goodGround: "#16301b", warnGround: "#35270d", badGround: "#3b1a18", infoGround: "#152a42",
  },
};

const system = window.matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();

function remembered(): Choice {
  const kept = localStorage.getItem("theme");
  return CHOICES.find((choice) => choice === kept) ?? "system";
}

let choice = remembered();

function shown(): "light" | "dark" {
  return choice === "system" ? (system.matches ? "dark" : "light") : choice;
}

function paint(): void {
  const root = document.documentElement;
  root.dataset["theme"] = shown();
  root.style.colorScheme = shown();
  for (const [name, colour] of Object.entries(palettes[shown()])) root.style.setProperty(`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, colour);
  for (const watcher of watchers) watcher();
}

system.addEventListener("change", paint);
paint();

export function chooseTheme(next: Choice): void {
  choice = next;
  localStorage.setItem("theme", next);
  paint();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useThemeChoice(): Choice {
  return useSyncExternalStore(watch, () => choice);
}

/** Which of the two is on the screen, for drawings that cannot use styles (charts, canvases). */
export function useShownTheme(): "light" | "dark" {
  return useSyncExternalStore(watch, shown);
}

/** A colour as the screen has it now, for the same drawings. */
export function colour(name: keyof (typeof palettes)["light"]): string {
  return palettes[shown()][name];
}

export function tokens(which: "light" | "dark"): ThemeConfig {
  const p = palettes[which];
  return {
    algorithm: which === "dark" ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: p.accent, colorLink: p.accent, colorInfo: p.info, colorSuccess: p.good, colorWarning: p.warn, colorError: p.bad,
      colorTextLightSolid: p.accentText, colorBgLayout: p.bg, colorBgContainer: p.surface, colorBgElevated: which === "dark" ? p.raised : p.surface,
      colorText: p.text, colorTextSecondary: p.muted, colorTextTertiary: p.muted, colorTextDescription: p.muted, colorTextPlaceholder: p.muted, colorBorder: p.line, colorBorderSecondary: p.line,
      colorSuccessBg: p.goodGround, colorWarningBg: p.warnGround, colorErrorBg: p.badGround, colorInfoBg: p.infoGround,
      colorSuccessBorder: p.good, colorWarningBorder: p.warn, colorErrorBorder: p.bad, colorInfoBorder: p.info,
      fontFamily: "inherit", borderRadius: 6,
    },
  };
}
