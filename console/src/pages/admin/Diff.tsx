// The change of the file, line by line: colours, and the marks + and - for those who do not see them.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Change, Problem } from "./api";
import { linesOf } from "./diff";

const SHOWN = 600;
const MARKS = { added: "+", removed: "-", same: " ", gap: "⋯" };

/** `wrong`: numbers of lines of the new file that are wrong. */
export function Diff({ diff, wrong = [] }: { diff: string; wrong?: number[] }) {
  const { t } = useTranslation();
  const lines = useMemo(() => linesOf(diff), [diff]);
  if (lines.length === 0) return <p className="muted">{t("admin.diff.none")}</p>;
  return (
    <div className="ad-diff" role="region" aria-label={t("admin.diff.title")} tabIndex={0}>
      <table>
        <tbody>
          {lines.slice(0, SHOWN).map((line, i) => (
            <tr key={i} className={`ad-line ${line.kind}${line.new !== null && wrong.includes(line.new) ? " wrong" : ""}`}>
              <td className="ad-number">{line.new ?? line.old ?? ""}</td>
              <td className="ad-mark">
                <span aria-hidden>{MARKS[line.kind]}</span>
                {line.kind !== "same" && line.kind !== "gap" && <span className="unseen">{t(`admin.diff.${line.kind}`)}</span>}
              </td>
              <td className="ad-text">{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > SHOWN && <p className="muted">{t("admin.diff.more", { count: lines.length - SHOWN })}</p>}
    </div>
  );
}

/** Changes as sentences. */
export function Sentences({ changes }: { changes: Change[] }) {
  const { t, i18n } = useTranslation();
  return (
    <ul className="ad-sentences">
      {changes.slice(0, 50).map((change, i) => (
        <li key={i}>{i18n.language === "zh" ? change.zh : change.en}</li>
      ))}
      {changes.length > 50 && <li>{t("admin.diff.moreChanges", { count: changes.length - 50 })}</li>}
    </ul>
  );
}

/** What is wrong or odd, each with its line. */
export function Problems({ problems }: { problems: Problem[] }) {
  const { t } = useTranslation();
  return (
    <ul className="ad-sentences">
      {problems.slice(0, 30).map((problem, i) => (
        <li key={i}>
          {problem.line !== null && <strong>{t("admin.line", { line: problem.line })} </strong>}
          {problem.field && <code>{problem.field}</code>} {problem.message}
        </li>
      ))}
      {problems.length > 30 && <li>{t("admin.moreProblems", { count: problems.length - 30 })}</li>}
    </ul>
  );
}
