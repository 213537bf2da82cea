// Photos for a report: taken with the camera or chosen, made small, shown, taken out again.
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { small } from "./photo";

const MOST = 9;

export function Photos({ photos, change }: { photos: Blob[]; change: (photos: Blob[]) => void }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const urls = useMemo(() => photos.map((photo) => URL.createObjectURL(photo)), [photos]);
  useEffect(() => () => urls.forEach((url) => URL.revokeObjectURL(url)), [urls]);
  const add = async (files: FileList | null) => {
    setBusy(true);
    setProblem("");
    const found = [...photos];
    for (const file of [...(files ?? [])].slice(0, MOST - photos.length)) {
      try {
        found.push(await small(file));
      } catch {
        setProblem(t("inbox.notAPhoto", { name: file.name }));
      }
    }
    change(found);
    setBusy(false);
  };
  const input = (label: string, camera: boolean) => (
    <label className="big-button quiet photo-input">
      <span>{label}</span>
      <input type="file" accept="image/*" multiple={!camera} {...(camera ? { capture: "environment" as const } : {})} disabled={busy || photos.length >= MOST} onChange={(e) => {
        void add(e.target.files);
        e.target.value = "";
      }} />
    </label>
  );
  return (
    <div className="photos">
      <div className="photo-row">
        {urls.map((url, number) => (
          <figure key={url}>
            <img src={url} alt={t("inbox.photo", { number: number + 1 })} />
            <button type="button" aria-label={t("inbox.removePhoto", { number: number + 1 })} onClick={() => change(photos.filter((_, other) => other !== number))}>
              ×
            </button>
          </figure>
        ))}
      </div>
      <div className="photo-inputs">
        {input(t("inbox.takePhoto"), true)}
        {input(t("inbox.choosePhoto"), false)}
      </div>
      <span role="status" className="muted">
        {busy ? t("inbox.shrinking") : problem}
      </span>
    </div>
  );
}
