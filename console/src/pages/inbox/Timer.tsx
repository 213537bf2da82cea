// The limit of the step that a matter waits for, in the inbox's words.
import { useTranslation } from "react-i18next";
import { RunDown } from "../../parts/RunDown";

export function Timer({ step, due, since }: { step: string; due: string; since: string }) {
  const { t } = useTranslation();
  const name = t(`inbox.steps.${step}`);
  return <RunDown due={due} since={since} left={(time) => t("inbox.left", { step: name, time })} over={(time) => t("inbox.over", { step: name, time })} />;
}
