// What the draft would do, before it is done: the file's lines, what is wrong, what the rotation would have to do; then why, and save.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { Loading } from "../../parts/Loading";
import { Dialog } from "../../shell/Dialog";
import { registry, type Change, type Preview, type Problem } from "./api";
import { useDesk } from "./desk";
import { Diff, Problems, Sentences } from "./Diff";
import { EffectTable } from "./EffectTable";

export default function PreviewSheet({ close, done }: { close: () => void; done: (revision: number | null) => void }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const queries = useQueryClient();
  const { base, operations } = desk.draft;
  const seen = useQuery({ queryKey: ["registry-preview", base, operations], queryFn: () => registry.preview(operations, base), enabled: operations.length > 0, retry: false, gcTime: 0, refetchInterval: false, refetchOnWindowFocus: false });
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const against = error ?? seen.error;
  const stale = against instanceof ApiError && against.status === 412;

  const save = (reason: string) => {
    setBusy(true);
    setError(null);
    registry.save(operations, base, reason).then(
      (made) => {
        desk.discard();
        void queries.invalidateQueries({ queryKey: ["registry"] });
        done(made.revision);
      },
      (failed: Error) => {
        setError(failed);
        setBusy(false);
      },
    );
  };
  const rebase = () => {
    setBusy(true);
    registry.state().then(
      (now) => {
        queries.setQueryData(["registry", "state"], now);
        desk.onto(now.sha256);
        setError(null);
        setBusy(false);
      },
      (failed: Error) => {
        setError(failed);
        setBusy(false);
      },
    );
  };

  return (
    <Dialog title={t("admin.preview.title")} cancel={close}>
      <div className="ad-sheet ad-wide">
        {against && !stale && <Alert type="error" showIcon message={t("admin.preview.refused")} description={<Refusal error={against} />} />}
        {stale && (
          <Alert
            type="warning"
            showIcon
            message={t("admin.preview.conflict")}
            description={
              <>
                <p>{t("admin.preview.theirs")}</p>
                <Sentences changes={changesOf(against)} />
                <p>{t("admin.preview.conflictHow")}</p>
                <Button type="primary" loading={busy} onClick={rebase}>
                  {t("admin.preview.rebase")}
                </Button>
              </>
            }
          />
        )}
        {seen.isFetching && <Loading lines={8} />}
        {!seen.isFetching && seen.data && !stale && <Seen seen={seen.data} />}
        {!seen.isFetching && seen.data && seen.data.problems.length === 0 && !stale && <Reason busy={busy} disabled={desk.state.state === "broken" || seen.data.diff === ""} save={save} word={t("admin.save")} />}
        <Button onClick={close} {...(against ? { "data-first": "" } : {})}>
          {t("close")}
        </Button>
      </div>
    </Dialog>
  );
}

function Seen({ seen }: { seen: Preview }) {
  const { t } = useTranslation();
  return (
    <>
      {seen.merged && <Alert type="info" showIcon message={t("admin.preview.merged")} description={<Sentences changes={seen.theirs} />} />}
      {seen.problems.length > 0 && <Alert type="error" showIcon message={t("admin.preview.problems", { count: seen.problems.length })} description={<Problems problems={seen.problems} />} />}
      {seen.changes.length > 0 && <Sentences changes={seen.changes} />}
      <Diff diff={seen.diff} wrong={seen.problems.flatMap((problem) => (problem.line === null ? [] : [problem.line]))} />
      {seen.effect && <EffectTable effect={seen.effect} />}
      {seen.warnings.length > 0 && (
        <details>
          <summary>{t("admin.preview.warnings", { count: seen.warnings.length })}</summary>
          <Problems problems={seen.warnings} />
        </details>
      )}
    </>
  );
}

/** A refusal with its places. */
export function Refusal({ error }: { error: Error }) {
  const errors = error instanceof ApiError && Array.isArray(error.problem["errors"]) ? (error.problem["errors"] as Partial<Problem>[]) : [];
  const placed = errors.filter((entry) => entry.message !== error.message).map((entry) => ({ line: entry.line ?? null, column: null, field: entry.field ?? "", message: entry.message ?? "" }));
  return (
    <>
      {error.message}
      {placed.length > 0 && <Problems problems={placed} />}
    </>
  );
}

function changesOf(error: Error): Change[] {
  return error instanceof ApiError && Array.isArray(error.problem["errors"]) ? (error.problem["errors"] as Change[]) : [];
}

/** Why, and go. */
export function Reason({ busy, disabled, save, word }: { busy: boolean; disabled: boolean; save: (reason: string) => void; word: string }) {
  const { t } = useTranslation();
  const id = useId();
  const [reason, setReason] = useState("");
  return (
    <form
      className="ad-reason"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "" && !disabled && !busy) save(reason.trim());
      }}
    >
      <label htmlFor={id}>{t("admin.reason")}</label>
      <input id={id} value={reason} maxLength={500} required onChange={(event) => setReason(event.target.value)} placeholder={t("admin.reasonHint")} />
      <Button type="primary" htmlType="submit" loading={busy} disabled={disabled || reason.trim() === ""}>
        {word}
      </Button>
    </form>
  );
}
