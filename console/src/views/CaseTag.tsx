// The case that follows an incident: its number, where it stands, and its light in a colour and a word.
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { IncidentCase } from "../api/client";

const colours: Record<NonNullable<IncidentCase["light"]>, string> = { unlit: "default", yellow: "gold", red: "red", green: "green", closed_late: "volcano" };

export function CaseTag({ case: followed }: { case: IncidentCase | null }) {
  const { t } = useTranslation();
  if (followed === null) return <>–</>;
  const { number, stage, light } = followed;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {number}{" "}
      <Tag color={colours[light ?? "unlit"]}>{light === null ? t("lightUnknown") : t(`lights.${light}`)}</Tag>
      {stage !== null && t(`stages.${stage}`, stage)}
    </span>
  );
}
