// One kept file of a look, as a person sees it.
import { useTranslation } from "react-i18next";
import type { EvidenceFile } from "../api/client";
import { ExportButton } from "./evidence/ExportButton";

/** `incident`, `case`: what a copy of it would be for. */
export function Evidence({ file, ...about }: { file: EvidenceFile; incident?: string; case?: string }) {
  const { t } = useTranslation();
  const label = t(`roles.${file.role}`, file.role);
  return (
    <figure style={{ margin: 0 }}>
      {file.url === null ? (
        <div className="evidence-hidden muted">{t("evidenceHidden")}</div>
      ) : file.media_type.startsWith("video/") ? (
        <video controls muted preload="metadata" src={file.url} aria-label={label} />
      ) : (
        <img src={file.url} alt={label} />
      )}
      <figcaption className="muted">
        {label} · sha256 {file.sha256.slice(0, 16)}… {file.url !== null && <ExportButton file={file} {...about} />}
      </figcaption>
    </figure>
  );
}
