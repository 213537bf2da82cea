// What every tab works with: the registry on the screen, the draft over it, the names of what it holds.
import { createContext, useContext } from "react";
import { useTranslation } from "react-i18next";
import type { Entry, State } from "./api";
import { identity, isTouched, section, type Drafting, type Path } from "./draft";
import type { Option } from "./fields";

export interface Desk extends Drafting {
  state: State;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("useDesk is for what stands inside the configuration page");
  return desk;
}

export const SECTIONS = ["platforms", "categories", "departments", "rules", "routes"] as const;

/** A section's entries as the file gives them. */
export function entriesOf(state: State, name: string): Entry[] {
  const found = state.sections[name];
  return Array.isArray(found) ? (found as Entry[]) : [];
}

export function nameOf(entry: Entry, language: string): string {
  const name = entry["name"];
  if (typeof name === "string") return name;
  const both = (name ?? {}) as { zh?: string; en?: string };
  return (language === "zh" ? both.zh : both.en) ?? both.zh ?? identity(entry) ?? "";
}

/** A section's entries to choose from, the draft's among them. */
export function useOptions(name: string): Option[] {
  const { state, draft } = useDesk();
  const { i18n } = useTranslation();
  return section(entriesOf(state, name), name, draft.operations).map((entry) => ({ value: identity(entry) ?? "", label: nameOf(entry, i18n.language) }));
}

/** What a form's field needs: whether the draft has changed it, and how to give it a value. `entry`: where the entry stands. */
export function useFields(entry: Path, original: unknown) {
  const { draft, edit } = useDesk();
  return (...field: string[]) => ({
    changed: isTouched([...entry, ...field], draft.operations),
    set: (value: unknown) => edit({ entry, field, value, original }),
  });
}
