// Who was told what and who has not answered; what the centre does about it: telephone, push again, hold back.
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Segmented, Select, Tabs } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { addWords, type Language } from "../../i18n";
import * as words from "../../i18n/dispatch";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { Alerts } from "./Alerts";
import { dispatch, type Filter, type Matter } from "./api";
import { Calling } from "./Calling";
import { MatterRow } from "./MatterRow";
import { Silences } from "./Silences";
import "./style.css";

addWords("dispatch", words);

const KINDS = ["congestion", "fireworks", "fishing"];
type View = "open" | "overdue" | "refused" | "closed";

export default function DispatchPage() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  return (
    <Tabs
      items={[
        { key: "dispatch", label: t("openDispatch"), children: <Matters zone={zone} /> },
        { key: "alerts", label: t("alertList"), children: <Alerts zone={zone} /> },
      ]}
    />
  );
}

function Matters({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const [view, setView] = useState<View>("open");
  const [kind, setKind] = useState<string | null>(null);
  const [department, setDepartment] = useState<string | null>(null);
  const [calling, setCalling] = useState<{ matter: Matter; whom: string; number: string } | null>(null);
  const [silencing, setSilencing] = useState<Matter | "list" | null>(null);
  const filter: Filter = { closed: view === "closed", kind, department };
  const found = useQuery({ queryKey: ["dispatches", filter], queryFn: () => dispatch.list(filter), placeholderData: (before) => before });
  const all = useQuery({ queryKey: ["dispatches", "open"], queryFn: () => dispatch.list({ closed: false, kind: null, department: null }) });
  const silences = useQuery({ queryKey: ["silences"], queryFn: () => dispatch.silences(false) });
  const names = useMemo(() => new Map([...(all.data ?? []), ...(found.data ?? [])].map((one) => [one.department, one.department_name?.[language] ?? one.department])), [all.data, found.data, language]);
  const name = (id: string) => names.get(id) ?? id;
  const shown = (found.data ?? []).filter((one) => fits(one, view));
  const count = (which: View) => (all.data ? all.data.filter((one) => fits(one, which)).length : undefined);
  const label = (which: View) => [t(`dispatch.views.${which}`), which === "closed" ? undefined : count(which)].filter((part) => part !== undefined).join(" ");
  return (
    <>
      <div className="dispatch-tools">
        <Segmented<View> aria-label={t("dispatch.view")} value={view} onChange={setView} options={(["open", "overdue", "refused", "closed"] as const).map((value) => ({ value, label: label(value) }))} />
        <Select aria-label={t("kind")} allowClear placeholder={t("kind")} value={kind} onChange={(value) => setKind(value ?? null)} options={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))} />
        <Select aria-label={t("department")} allowClear placeholder={t("department")} value={department} onChange={(value) => setDepartment(value ?? null)} options={[...names].map(([value, shownName]) => ({ value, label: shownName }))} popupMatchSelectWidth={false} />
        <Badge count={silences.data?.length ?? 0} size="small">
          <Button onClick={() => setSilencing("list")}>{t("dispatch.silences")}</Button>
        </Badge>
      </div>
      {found.error && <Failed error={found.error} again={() => void found.refetch()} />}
      {!found.data && !found.error && <Loading lines={12} />}
      {found.data && shown.length === 0 && <Empty title={t("noDispatch")} hint={t("dispatch.noneHint")} />}
      <ul className="dispatches">
        {shown.map((matter) => (
          <MatterRow
            key={matter.id}
            matter={matter}
            zone={zone}
            name={name}
            call={(whom, number) => setCalling({ matter, whom, number })}
            silence={() => setSilencing(matter)}
          />
        ))}
      </ul>
      {calling && <Calling {...calling} close={() => setCalling(null)} />}
      <Silences of={silencing} zone={zone} close={() => setSilencing(null)} />
    </>
  );
}

function fits(one: Matter, view: View): boolean {
  if (view === "overdue") return one.rung > 0 && one.state !== "refused";
  if (view === "refused") return one.state === "refused";
  return true;
}
