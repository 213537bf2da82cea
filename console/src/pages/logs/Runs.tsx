// The purge's runs, newest first: when, by whom, what went, what stayed, and each one's proof to be written down elsewhere.
import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bytes, moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Grid, type Column } from "../../parts/Grid";
import type { Run } from "../../parts/retention/api";
import { metInWords } from "../../parts/retention/said";
import { useMe } from "../../shell/me";
import { Problems } from "./Audit";

export function Runs({ of }: { of: Run[] }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const columns: Column<Run>[] = [
    { title: t("retention.started"), value: (row) => moment(row.started_at, zone) },
    { title: t("retention.who"), words: true, value: (row) => (row.by === "service" ? t("retention.service") : row.by) },
    { title: t("retention.handled"), value: (row) => row.items },
    { title: t("retention.deleted"), value: (row) => row.deleted },
    { title: t("retention.freed"), value: (row) => (row.bytes > 0 ? bytes(row.bytes) : "–") },
    { title: t("retention.stayed"), value: (row) => row.held },
    { title: t("retention.problems"), words: true, value: (row) => <Met of={row} /> },
    { title: t("retention.proof"), words: true, value: (row) => (row.hash ? <Proof run={row.id} hash={row.hash} /> : t("retention.going")) },
  ];
  return (
    <section className="kept-wide" aria-labelledby="kept-runs">
      <h2 id="kept-runs">{t("retention.runsTitle")}</h2>
      <p className="muted">{t("retention.runsHow")}</p>
      {of.length === 0 ? <Empty title={t("retention.noRuns")} hint={t("retention.noRunsHow")} /> : <Grid label={t("retention.runsTitle")} columns={columns} rows={of} keyOf={(row) => String(row.id)} />}
    </section>
  );
}

function Met({ of }: { of: Run }) {
  const { t } = useTranslation();
  const count = of.problems.length;
  return (
    <>
      {count === 0 && !of.left && "–"}
      {count > 0 && (
        <details className="log-details">
          <summary aria-label={t("retention.problemsOf", { run: of.id, count })}>{t("retention.count", { count })}</summary>
          <Problems of={of.problems.map((sentence) => metInWords(sentence, t))} />
        </details>
      )}
      {of.left && <span className="kept-left">{t("retention.left")}</span>}
    </>
  );
}

/** The clipboard's own interface is kept from pages that came over plain HTTP; what is put into a copy of nothing is not. */
function copy(text: string): boolean {
  let put = false;
  const fill = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    put = true;
  };
  document.addEventListener("copy", fill);
  document.execCommand("copy");
  document.removeEventListener("copy", fill);
  return put;
}

function Proof({ run, hash }: { run: number; hash: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState<boolean | null>(null);
  return (
    <>
      <button type="button" className="log-link" title={hash} aria-label={t("retention.copy", { run })} onClick={() => setCopied(copy(hash))}>
        <code>{hash.slice(0, 12)}…</code> {copied ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
      </button>
      <span role="status" className={copied === false ? "log-below" : "unseen"}>
        {copied !== null && t(copied ? "retention.copied" : "retention.notCopied")}
      </span>
    </>
  );
}
