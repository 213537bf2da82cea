// 日志: the audit trail, the register of evidence calls, the trace of one clip, the ledger and its proof, what is kept. The address says which.
import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";
import { addWords } from "../../i18n";
import * as words from "../../i18n/logs";
import { useMe } from "../../shell/me";
import { AuditLog, EvidenceCalls } from "./Audit";
import { LedgerLog } from "./Ledger";
import { RetentionLog } from "./Retention";
import { TraceLog } from "./Trace";
import "./style.css";

addWords("logs", words);

const TABS = { audit: "audit.read", calls: "evidence.trace", trace: "evidence.trace", ledger: "ledger.read", retention: "retention.read" } as const;
type Tab = keyof typeof TABS;

export default function LogsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const allowed = (Object.keys(TABS) as Tab[]).filter((tab) => me.may.includes(TABS[tab]));
  const tab = allowed.find((each) => each === search.get("tab")) ?? allowed[0] ?? "ledger";
  const trace = (sha256: string) => setSearch({ tab: "trace", sha256 });
  return (
    <div className="logs">
      {allowed.length > 1 && <Segmented<Tab> aria-label={t("logs.which")} value={tab} onChange={(next) => setSearch({ tab: next })} options={allowed.map((each) => ({ value: each, label: t(`logs.tabs.${each}`) }))} />}
      <section className="log-sheet" aria-label={t(`logs.tabs.${tab}`)}>
        {tab === "audit" && <AuditLog />}
        {tab === "calls" && <EvidenceCalls trace={trace} />}
        {tab === "trace" && <TraceLog key={search.get("sha256")} sha256={search.get("sha256") ?? ""} choose={trace} />}
        {tab === "ledger" && <LedgerLog />}
        {tab === "retention" && <RetentionLog />}
      </section>
    </div>
  );
}
