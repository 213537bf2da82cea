// One camera: all its fields, and the zones on its picture, also of each preset.
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router-dom";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { KINDS, registry, type Entry } from "./api";
import { useDesk, useFields, useOptions } from "./desk";
import { drafted, isRemoved, isTouched } from "./draft";
import { CheckField, ChoiceField, SeveralField, TextField, list, text } from "./fields";
import { ZoneEditor } from "./ZoneEditor";

export default function Camera() {
  const id = useParams()["camera"] ?? "";
  const { t } = useTranslation();
  const desk = useDesk();
  const found = useQuery({ queryKey: ["registry", "camera", id], queryFn: () => registry.camera(id) });
  if (!found.data) return found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : <Loading lines={14} />;
  const entry = drafted(found.data.entry, ["cameras", id], desk.draft.operations);
  const removed = isRemoved(["cameras", id], desk.draft.operations);
  return (
    <>
      <div className="ad-tools">
        <Link to="/admin/cameras">← {t("admin.camera.back")}</Link>
        <h2 className="ad-heading">
          {text(entry["name"])} <span className="muted">{id}</span>
        </h2>
        <span className="ad-space" />
        {isTouched(["cameras", id], desk.draft.operations) && <Button onClick={() => desk.drop(["cameras", id])}>{t("admin.takeBackAll")}</Button>}
        {!removed && <Button onClick={() => desk.put({ op: "remove", path: ["cameras", id] })}>{t("admin.remove")}</Button>}
      </div>
      {removed ? <p>{t("admin.cameras.removed")}</p> : <Whole key={id} id={id} entry={entry} original={found.data.entry} />}
    </>
  );
}

function Whole({ id, entry, original }: { id: string; entry: Entry; original: Entry }) {
  const { t } = useTranslation();
  const { draft, edit } = useDesk();
  const [preset, setPreset] = useState<string | null>(null);
  const presets = (entry["presets"] as Entry[] | undefined) ?? [];
  const pose = presets.find((one) => one["id"] === preset);
  const field = preset === null ? ["zones"] : ["presets", preset, "zones"];
  return (
    <div className="ad-camera">
      <section className="ad-box">
        <h3>{t("admin.zones.title")}</h3>
        {presets.length > 0 && (
          <ChoiceField
            label={t("admin.camera.preset")}
            value={preset ?? ""}
            none={t("admin.camera.fixed")}
            options={presets.map((one) => ({ value: text(one["id"]), label: text(one["name"]) || text(one["id"]) }))}
            set={(value) => setPreset(value === "" ? null : value)}
          />
        )}
        <ZoneEditor
          key={preset ?? ""}
          camera={id}
          preset={preset}
          zones={(pose ?? entry)["zones"]}
          set={(zones) => edit({ entry: ["cameras", id], field, value: zones.length > 0 ? zones : null, original })}
          changed={isTouched(["cameras", id, ...field], draft.operations)}
        />
      </section>
      <Fields id={id} entry={entry} original={original} />
    </div>
  );
}

function Fields({ id, entry, original }: { id: string; entry: Entry; original: Entry }) {
  const { t } = useTranslation();
  const platforms = useOptions("platforms");
  const categories = useOptions("categories");
  const place = (entry["place"] ?? {}) as Entry;
  const paused = (entry["paused"] ?? {}) as Entry;
  const set = useFields(["cameras", id], original);
  const number = (...path: string[]) => {
    const made = set(...path);
    // What is no number is handed on as it is: the preview says what is wrong with it.
    return { ...made, set: (value: string) => made.set(value === "" || Number.isNaN(Number(value)) ? value : Number(value)) };
  };
  const pause = (part: Entry) => {
    const next = { ...paused, ...part };
    set("paused").set(text(next["reason"]) === "" ? null : { reason: next["reason"], ...(text(next["until"]) === "" ? {} : { until: next["until"] }) });
  };
  const own = entry["detectors"] !== undefined && entry["detectors"] !== null;
  return (
    <section className="ad-box ad-form">
      <h3>{t("admin.camera.fields")}</h3>
      <TextField label={t("admin.camera.name")} value={text(entry["name"])} {...set("name")} />
      <ChoiceField label={t("platform")} value={text(entry["platform"])} options={platforms} {...set("platform")} />
      <SeveralField label={t("category")} value={list(entry["categories"])} options={categories} {...set("categories")} />
      <TextField label={t("admin.camera.source")} hint={t("admin.camera.masked")} value={text(entry["source"])} {...set("source")} />
      <TextField label={t("admin.camera.credential")} hint={t("admin.camera.credentialHint")} value={text(entry["credential"])} {...set("credential")} />
      <TextField label={t("admin.camera.address")} value={text(place["address"])} {...set("place", "address")} />
      <TextField label={t("admin.camera.division")} value={text(place["division_code"])} {...set("place", "division_code")} />
      <TextField label={t("admin.camera.lon")} value={text(place["lon"])} {...number("place", "lon")} />
      <TextField label={t("admin.camera.lat")} value={text(place["lat"])} {...number("place", "lat")} />
      <TextField label={t("admin.camera.period")} hint={t("admin.durationHint")} placeholder={t("admin.ofCategory")} value={text(entry["period"])} {...set("period")} />
      <TextField label={t("admin.camera.dwell")} hint={t("admin.durationHint")} placeholder={t("admin.ofCategory")} value={text(entry["dwell"])} {...set("dwell")} />
      <CheckField label={t("admin.camera.ownDetectors")} value={own} changed={set("detectors").changed} set={(on) => set("detectors").set(on ? [] : null)} />
      {own && <SeveralField label={t("admin.category.detectors")} value={list(entry["detectors"])} options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))} {...set("detectors")} />}
      <TextField label={t("admin.camera.reference")} value={text(entry["reference"])} {...set("reference")} />
      <CheckField label={t("admin.camera.enabled")} value={entry["enabled"] !== false} changed={set("enabled").changed} set={(on) => set("enabled").set(on ? null : false)} />
      <TextField label={t("admin.camera.pausedReason")} value={text(paused["reason"])} changed={set("paused").changed} set={(reason) => pause({ reason })} />
      {text(paused["reason"]) !== "" && (
        <TextField label={t("admin.camera.pausedUntil")} type="datetime-local" value={text(paused["until"]).slice(0, 16)} changed={set("paused").changed} set={(until) => pause({ until })} />
      )}
    </section>
  );
}
