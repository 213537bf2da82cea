// A case's or a clock's light: a colour and a word, because a colour alone is not seen by everybody.
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { addWords } from "../i18n";
import * as words from "../i18n/cases";

addWords("cases", words);

const colours: Record<string, string> = { unlit: "default", yellow: "gold", red: "red", green: "green", closed_late: "volcano" };

export function Light({ light }: { light: string }) {
  const { t } = useTranslation();
  return <Tag color={colours[light] ?? "default"}>{t(`cases.lights.${light}`, light)}</Tag>;
}
