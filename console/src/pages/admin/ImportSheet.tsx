// A spreadsheet of cameras comes in: first what it would change, row by row, and what is wrong with it; then why, and apply.
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../shell/Dialog";
import { registry, type Imported } from "./api";
import { useDesk } from "./desk";
import { Diff } from "./Diff";
import { EffectTable } from "./EffectTable";
import { Reason, Refusal } from "./PreviewSheet";

const SHOWN = 200;

export function ImportSheet({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const queries = useQueryClient();
  const id = useId();
  const [file, setFile] = useState<File | null>(null);
  const [seen, setSeen] = useState<{ made: Imported; base: string } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = (chosen: File, base: string, reason: string | null) => {
    setBusy(true);
    setError(null);
    registry.import(chosen, base, reason).then(
      (made) => {
        setSeen({ made, base });
        setBusy(false);
        if (made.done) void queries.invalidateQueries({ queryKey: ["registry"] });
      },
      (failed: Error) => {
        setError(failed);
        setBusy(false);
      },
    );
  };
  const made = seen?.made;
  return (
    <Dialog title={t("admin.import.title")} cancel={close}>
      <div className="ad-sheet ad-wide">
        <p className="muted">{t("admin.import.how")}</p>
        <div className="ad-field">
          <label htmlFor={id}>{t("admin.import.file")}</label>
          <input
            id={id}
            data-first
            type="file"
            accept=".csv,.xlsx"
            onChange={(event) => {
              const chosen = event.target.files?.[0] ?? null;
              setFile(chosen);
              setSeen(null);
              if (chosen) ask(chosen, desk.state.sha256, null);
            }}
          />
        </div>
        {error && <Alert type="error" showIcon message={t("admin.import.refused")} description={<Refusal error={error} />} />}
        {made?.done && <Alert type="success" showIcon message={t("admin.draft.saved", { id: made.done.revision ?? "–" })} />}
        {made && !made.done && (
          <>
            <p role="status">{t("admin.import.read", { read: made.read, rows: made.rows.length, problems: made.problems.length })}</p>
            {made.problems.length > 0 && (
              <div className="ad-scroll">
                <table className="ad-effect">
                  <caption>{t("admin.import.wrong")}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{t("admin.import.row")}</th>
                      <th scope="col">{t("admin.import.column")}</th>
                      <th scope="col">{t("admin.import.what")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {made.problems.slice(0, SHOWN).map((problem, i) => (
                      <tr key={i}>
                        <td>{problem.row || "–"}</td>
                        <td>{problem.column ?? "–"}</td>
                        <td>{problem.message}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {made.rows.length > 0 && (
              <div className="ad-scroll ad-rows">
                <table className="ad-effect">
                  <caption>{t("admin.import.changes")}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{t("admin.import.row")}</th>
                      <th scope="col">{t("camera")}</th>
                      <th scope="col">{t("admin.import.what")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {made.rows.slice(0, SHOWN).map((row) => (
                      <tr key={row.row}>
                        <td>{row.row}</td>
                        <td>{row.camera}</td>
                        <td>
                          {t(`admin.import.${row.what}`)}: {row.columns.join(", ")}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
                {made.rows.length > SHOWN && <p className="muted">{t("admin.import.more", { count: made.rows.length - SHOWN })}</p>}
              </div>
            )}
            {made.diff && <Diff diff={made.diff} />}
            {made.effect && <EffectTable effect={made.effect} />}
            {made.problems.length === 0 && made.rows.length > 0 && file && (
              <Reason busy={busy} disabled={desk.state.state === "broken"} save={(reason) => ask(file, seen.base, reason)} word={t("admin.import.apply")} />
            )}
          </>
        )}
        <Button onClick={close}>{t("close")}</Button>
      </div>
    </Dialog>
  );
}
