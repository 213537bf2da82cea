// One camera in the table: each cell is a field of the draft.
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { Dialog } from "../../shell/Dialog";
import type { Entry } from "./api";
import { useDesk, useOptions } from "./desk";
import { drafted, isRemoved, isTouched } from "./draft";
import { SeveralField, Typed, list, text, type Option } from "./fields";

const SEVERAL = "\u0000several";

/** `original`: as the file gives it; `fresh`: it is in the draft only. */
export function CameraRow({ original, fresh = false, chosen, choose }: { original: Entry; fresh?: boolean; chosen: boolean; choose: ((on: boolean) => void) | null }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const platforms = useOptions("platforms");
  const categories = useOptions("categories");
  const id = text(original["id"]);
  const entry = fresh ? original : drafted(original, ["cameras", id], desk.draft.operations);
  const name = text(entry["name"]);
  const removed = isRemoved(["cameras", id], desk.draft.operations);
  const set = (field: string, value: unknown) => desk.edit({ entry: ["cameras", id], field: [field], value, original });
  const mark = (field: string) => (fresh || isTouched(["cameras", id, field], desk.draft.operations) ? "changed" : "");
  const of = (column: string) => t("admin.cameras.of", { column: t(`admin.cameras.columns.${column}`), name });
  const cell = (column: string) => ({ "data-label": t(`admin.cameras.columns.${column}`) });
  if (removed) {
    return (
      <tr className="removed">
        <td />
        <td colSpan={6}>
          <s>{name}</s> <span className="muted">{id}</span> {t("admin.cameras.removed")}
        </td>
        <td>
          <Button size="small" onClick={() => desk.drop(["cameras", id])}>
            {t("admin.takeBack")}
          </Button>
        </td>
      </tr>
    );
  }
  return (
    <tr className={fresh ? "fresh" : ""} data-camera={id}>
      <td>{choose && <input type="checkbox" checked={chosen} aria-label={t("admin.cameras.choose", { name })} onChange={(event) => choose(event.target.checked)} />}</td>
      <td className={mark("name")} {...cell("name")}>
        <Typed value={name} label={of("name")} set={(value) => value !== "" && set("name", value)} />
        <div className="muted">{id}</div>
      </td>
      <td className={mark("platform")} {...cell("platform")}>
        <select aria-label={of("platform")} value={text(entry["platform"])} onChange={(event) => set("platform", event.target.value)}>
          {platforms.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      </td>
      <td className={mark("categories")} {...cell("category")}>
        <CategoryCell label={of("category")} value={list(entry["categories"])} options={categories} set={(value) => set("categories", value)} />
      </td>
      <td className={mark("period")} {...cell("period")}>
        <Typed value={text(entry["period"])} label={of("period")} placeholder={t("admin.ofCategory")} set={(value) => set("period", value)} />
      </td>
      <td className={mark("dwell")} {...cell("dwell")}>
        <Typed value={text(entry["dwell"])} label={of("dwell")} placeholder={t("admin.ofCategory")} set={(value) => set("dwell", value)} />
      </td>
      <td className={mark("enabled")} {...cell("on")}>
        <input type="checkbox" aria-label={of("on")} checked={entry["enabled"] !== false} onChange={(event) => set("enabled", event.target.checked ? null : false)} />
        {entry["paused"] !== undefined && <span className="muted"> {t("admin.cameras.paused")}</span>}
      </td>
      <td className="ad-actions">
        {!fresh && (
          <Link to={`/admin/cameras/${encodeURIComponent(id)}`} aria-label={t("admin.cameras.openOne", { name })}>
            {t("admin.cameras.open")}
          </Link>
        )}
        {isTouched(["cameras", id], desk.draft.operations) && (
          <Button size="small" onClick={() => desk.drop(["cameras", id])}>
            {t("admin.takeBack")}
          </Button>
        )}
        <Button size="small" aria-label={t("admin.cameras.removeOne", { name })} onClick={() => desk.put({ op: "remove", path: ["cameras", id] })}>
          {t("admin.remove")}
        </Button>
      </td>
    </tr>
  );
}

function CategoryCell({ label, value, options, set }: { label: string; value: string[]; options: Option[]; set: (value: string[]) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const names = value.map((key) => options.find((option) => option.value === key)?.label ?? key).join("、");
  return (
    <>
      <select aria-label={label} value={value.length === 1 ? value[0] : ""} onChange={(event) => (event.target.value === SEVERAL ? setOpen(true) : event.target.value !== "" && set([event.target.value]))}>
        {value.length !== 1 && <option value="">{names}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
        <option value={SEVERAL}>{t("admin.cameras.several")}</option>
      </select>
      {open && (
        <Dialog title={label} cancel={() => setOpen(false)}>
          <SeveralField label={t("category")} value={value} options={options} set={(next) => next.length > 0 && set(next)} />
          <Button block type="primary" className="dialog-close" onClick={() => setOpen(false)}>
            {t("admin.good")}
          </Button>
        </Dialog>
      )}
    </>
  );
}
