// A rule: what is forbidden, where, when, from which day to which, and the document that says so.
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { KINDS, type Entry } from "./api";
import { useFields, useOptions } from "./desk";
import { identity } from "./draft";
import { CheckField, ChoiceField, ListField, LongField, SeveralField, TextField, list, text } from "./fields";
import { NameFields } from "./NameFields";
import { Windows } from "./Windows";

export function RuleForm({ entry, original, year }: { entry: Entry; original: Entry; year: () => void }) {
  const { t } = useTranslation();
  const categories = useOptions("categories");
  const set = useFields(["rules", identity(entry) ?? ""], original);
  const several = (name: string) => ({ value: list(entry[name]), changed: set(name).changed, set: (value: string[]) => set(name).set(value.length > 0 ? value : null) });
  const mode = text(entry["mode"]) || "forbidden";
  return (
    <div className="ad-form">
      <NameFields name={entry["name"]} {...set("name")} />
      <ChoiceField label={t("kind")} value={text(entry["kind"])} options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))} {...set("kind")} />
      <ChoiceField
        label={t("admin.rule.mode")}
        value={mode}
        options={["forbidden", "leisure_angling", "allowed"].map((key) => ({ value: key, label: t(`admin.rule.modes.${key}`) }))}
        changed={set("mode").changed}
        set={(value) => set("mode").set(value === "forbidden" && original["mode"] === undefined ? null : value)}
      />
      {mode === "leisure_angling" && <TextField label={t("admin.rule.rods")} value={text(entry["max_rods"])} changed={set("max_rods").changed} set={(value) => set("max_rods").set(value === "" ? null : Number(value))} />}
      <TextField label={t("admin.rule.from")} type="date" value={text(entry["valid_from"])} {...set("valid_from")} />
      <TextField label={t("admin.rule.until")} type="date" value={text(entry["valid_until"])} {...set("valid_until")} />
      <LongField label={t("admin.rule.source")} value={text(entry["source"])} {...set("source")} />
      <SeveralField label={t("category")} options={categories} {...several("categories")} />
      <ListField label={t("admin.rule.cameras")} {...several("cameras")} />
      <ListField label={t("admin.rule.places")} {...several("places")} />
      <ListField label={t("admin.rule.zones")} {...several("zones")} />
      <CheckField label={t("admin.rule.atOnce")} value={entry["at_once"] === true} changed={set("at_once").changed} set={(on) => set("at_once").set(on ? true : null)} />
      <Windows windows={(entry["windows"] as Entry[] | undefined) ?? []} changed={set("windows").changed} set={(windows) => set("windows").set(windows.length > 0 ? windows : null)} />
      <Button onClick={year}>{t("admin.rule.year")}</Button>
    </div>
  );
}
