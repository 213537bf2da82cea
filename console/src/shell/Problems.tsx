// What is wrong with the system itself, on every page for those who may know: a count above, the sentences behind it.
import { WarningFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Status } from "../api/client";
import type { Language } from "../i18n";
import { plainly, trouble } from "../parts/said";
import { Flyout } from "./Flyout";

/** The sentences of a status, the pressing ones first. */
export function useSentences(status: Status | undefined): string[] {
  const { t, i18n } = useTranslation();
  if (!status) return [];
  const language = i18n.language as Language;
  const name = (department: string) => status.department_names[department]?.[language] ?? department;
  const problems = Object.entries(status.problems).map(([subject, sentence]) =>
    trouble(subject, subject === "model" && !status.model ? t("modelNone") : sentence, t, language, name),
  );
  return status.rotation.warning ? [...problems, `${t("warning")}: ${plainly(status.rotation.warning, language)}`] : problems;
}

export function Problems() {
  const { t } = useTranslation();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const sentences = useSentences(status.data);
  if (sentences.length === 0) return null;
  return (
    <Flyout
      className="bar-button bar-problems"
      label={t("shell.problems", { count: sentences.length })}
      face={
        <>
          <WarningFilled aria-hidden /> {sentences.length}
        </>
      }
    >
      {() => (
        <ul className="problems">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </Flyout>
  );
}
