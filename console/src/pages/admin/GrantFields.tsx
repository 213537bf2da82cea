// What somebody is: role, unit where the role has one, and the cameras they are limited to.
import { useTranslation } from "react-i18next";
import type { Role } from "../../api/session";
import type { Grants } from "./api";
import { entriesOf, useDesk, useOptions } from "./desk";
import { CheckField, ChoiceField, ListField, SeveralField, text } from "./fields";

const ROLES: Role[] = ["operator", "shift_lead", "department", "admin", "auditor", "reporter"];
const NONE: Grants = { cameras: [], platforms: [], categories: [], divisions: [] };

export interface Standing {
  role: Role;
  unit: string | null;
  sight: Grants | null;
}

/** `machine`: tokens may also be of the role of a source that reports. */
export function StandingFields({ value, set, machine = false }: { value: Standing; set: (part: Partial<Standing>) => void; machine?: boolean }) {
  const { t } = useTranslation();
  const { state } = useDesk();
  const departments = useOptions("departments");
  const platforms = useOptions("platforms");
  const categories = useOptions("categories");
  const cases = (state.sections["cases"] ?? {}) as { divisions?: { code: string; name: string }[] };
  const units = [...departments, ...(cases.divisions ?? []).map((division) => ({ value: division.code, label: `${division.name} ${division.code}` }))];
  const sight = value.sight;
  const grant = (part: Partial<Grants>) => set({ sight: { ...NONE, ...sight, ...part } });
  return (
    <>
      <ChoiceField
        label={t("admin.people.role")}
        value={value.role}
        options={(machine ? ROLES : ROLES.slice(0, -1)).map((role) => ({ value: role, label: t(`shell.roles.${role}`) }))}
        set={(role) => set({ role: role as Role, ...(role === "department" ? {} : { unit: null }) })}
      />
      {value.role === "department" && <ChoiceField label={t("admin.people.unit")} none={t("admin.choose")} value={value.unit ?? ""} options={units} set={(unit) => set({ unit: unit || null })} />}
      <CheckField label={t("admin.people.everyCamera")} value={sight === null} set={(all) => set({ sight: all ? null : NONE })} />
      {sight !== null && (
        <>
          <p className="muted">{t("admin.people.grantsHow")}</p>
          <SeveralField label={t("category")} value={sight.categories ?? []} options={categories} set={(chosen) => grant({ categories: chosen })} />
          <SeveralField label={t("platform")} value={sight.platforms ?? []} options={platforms} set={(chosen) => grant({ platforms: chosen })} />
          <ListField label={t("admin.rule.places")} value={sight.divisions ?? []} set={(chosen) => grant({ divisions: chosen })} />
          <ListField label={t("admin.rule.cameras")} value={sight.cameras ?? []} set={(chosen) => grant({ cameras: chosen })} />
        </>
      )}
    </>
  );
}

/** The grants in a line of a table. */
export function useSight(): (sight: Grants | null) => string {
  const { t } = useTranslation();
  const { state } = useDesk();
  const names = (kind: "categories" | "platforms") => useNames(entriesOf(state, kind));
  const [categories, platforms] = [names("categories"), names("platforms")];
  return (sight) =>
    sight === null
      ? t("admin.people.everyCamera")
      : [...(sight.categories ?? []).map(categories), ...(sight.platforms ?? []).map(platforms), ...(sight.divisions ?? []), ...(sight.cameras ?? [])].join("、") || t("admin.people.noCamera");
}

function useNames(entries: Record<string, unknown>[]): (id: string) => string {
  const { i18n } = useTranslation();
  return (id) => {
    const name = entries.find((entry) => entry["id"] === id || entry["key"] === id)?.["name"] as { zh?: string; en?: string } | undefined;
    return text((i18n.language === "zh" ? name?.zh : name?.en) ?? id);
  };
}
