// A category: how often, how long, how pressing, what for, and when more often.
import { useTranslation } from "react-i18next";
import { KINDS, type Entry } from "./api";
import { useFields } from "./desk";
import { identity } from "./draft";
import { CheckField, ChoiceField, SeveralField, TextField, list, text } from "./fields";
import { NameFields } from "./NameFields";
import { Windows } from "./Windows";

export function CategoryForm({ entry, original }: { entry: Entry; original: Entry }) {
  const { t } = useTranslation();
  const set = useFields(["categories", identity(entry) ?? ""], original);
  return (
    <div className="ad-form">
      <NameFields name={entry["name"]} {...set("name")} />
      <TextField label={t("admin.category.period")} hint={t("admin.durationHint")} value={text(entry["period"])} {...set("period")} />
      <TextField label={t("admin.category.dwell")} hint={t("admin.durationHint")} value={text(entry["dwell"])} {...set("dwell")} />
      <TextField label={t("admin.category.leastDwell")} hint={t("admin.category.leastDwellHint")} value={text(entry["least_dwell"])} {...set("least_dwell")} />
      <ChoiceField
        label={t("admin.category.priority")}
        value={text(entry["priority"]) || "medium"}
        options={["low", "medium", "high", "highest"].map((key) => ({ value: key, label: t(`admin.priorities.${key}`) }))}
        {...set("priority")}
      />
      <SeveralField label={t("admin.category.detectors")} value={list(entry["detectors"])} options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))} {...set("detectors")} />
      <CheckField label={t("admin.category.maskPeople")} value={entry["mask_people"] === true} changed={set("mask_people").changed} set={(on) => set("mask_people").set(on ? true : null)} />
      <Windows risk windows={(entry["risk_windows"] as Entry[] | undefined) ?? []} changed={set("risk_windows").changed} set={(windows) => set("risk_windows").set(windows.length > 0 ? windows : null)} />
    </div>
  );
}
