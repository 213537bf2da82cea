// The case that follows an incident, ours or the county's own system's: its number, its light, where it stands.
import { useTranslation } from "react-i18next";
import type { IncidentCase } from "../api/client";
import { Light } from "./Light";

export function CaseTag({ case: followed }: { case: IncidentCase | null }) {
  const { t } = useTranslation();
  if (followed === null) return <>–</>;
  const { number, stage, light } = followed;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {number} <Light light={light ?? "unknown"} />
      {stage !== null && t(`cases.stages.${stage}`, stage)}
    </span>
  );
}
