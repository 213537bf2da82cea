// The cameras as a table: found by the service page by page, changed in place, several at once, in and out as spreadsheets.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { BulkBar } from "./BulkBar";
import { CameraRow } from "./CameraRow";
import { registry, type CameraFilter, type Entry } from "./api";
import { useDesk, useOptions } from "./desk";
import { added } from "./draft";
import { ImportSheet } from "./ImportSheet";
import { NewCamera } from "./NewCamera";

const PAGE = 50;
/** As many as one edit may hold, with some room for more than one change each. */
const MOST = 1000;

export default function Cameras() {
  const { t, i18n } = useTranslation();
  const { state, draft } = useDesk();
  const categories = useOptions("categories");
  const platforms = useOptions("platforms");
  const [filter, setFilter] = useState<CameraFilter>({});
  const [typed, setTyped] = useState("");
  const [cursors, setCursors] = useState<string[]>([]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Entry>>(new Map());
  const [sheet, setSheet] = useState<"import" | "new" | null>(null);
  const [gathering, setGathering] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const cursor = cursors[cursors.length - 1] ?? null;
  const page = useQuery({
    queryKey: ["registry", "cameras", filter, cursor],
    queryFn: () => registry.cameras(filter, cursor, PAGE),
    placeholderData: keepPreviousData,
  });
  const look = (next: CameraFilter) => {
    setFilter(next);
    setCursors([]);
  };
  useEffect(() => {
    const timer = setTimeout(() => {
      setFilter((was) => {
        const { q: old, ...rest } = was;
        if ((old ?? "") === typed.trim()) return was;
        setCursors([]);
        return typed.trim() === "" ? rest : { ...rest, q: typed.trim() };
      });
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);

  const choose = (entries: Entry[], on: boolean) =>
    setChosen((was) => {
      const next = new Map(was);
      for (const entry of entries) on ? next.set(String(entry["id"]), entry) : next.delete(String(entry["id"]));
      return next;
    });
  const chooseAll = async () => {
    setGathering(true);
    setSaid(null);
    const found: Entry[] = [];
    let next: string | null = null;
    try {
      do {
        const got = await registry.cameras(filter, next, 500);
        found.push(...got.items.map((item) => item.entry));
        next = got.next ?? null;
      } while (next !== null && found.length < MOST);
      setChosen(new Map(found.slice(0, MOST).map((entry) => [String(entry["id"]), entry])));
      if (next !== null || found.length > MOST) setSaid(t("admin.cameras.most", { count: MOST }));
    } catch (error) {
      setSaid((error as Error).message);
    }
    setGathering(false);
  };

  const items = page.data?.items ?? [];
  const entries = items.map((item) => item.entry);
  const fresh = cursor === null ? added("cameras", draft.operations) : [];
  const without = (name: keyof CameraFilter, value: string | boolean | undefined): CameraFilter => {
    const { [name]: _, ...rest } = filter;
    return value === undefined || value === "" ? rest : { ...rest, [name]: value };
  };
  return (
    <>
      <div className="ad-tools" role="search">
        <input type="search" value={typed} onChange={(event) => setTyped(event.target.value)} placeholder={t("admin.cameras.search")} aria-label={t("admin.cameras.search")} />
        <select aria-label={t("category")} value={filter.category ?? ""} onChange={(event) => look(without("category", event.target.value))}>
          <option value="">{t("admin.cameras.everyCategory")}</option>
          {categories.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <select aria-label={t("platform")} value={filter.platform ?? ""} onChange={(event) => look(without("platform", event.target.value))}>
          <option value="">{t("admin.cameras.everyPlatform")}</option>
          {platforms.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <select
          aria-label={t("state")}
          value={filter.enabled === false ? "off" : filter.paused === true ? "paused" : filter.enabled === true ? "on" : ""}
          onChange={(event) => {
            const { enabled: _, paused: __, ...rest } = filter;
            const value = event.target.value;
            look(value === "paused" ? { ...rest, paused: true } : value === "" ? rest : { ...rest, enabled: value === "on" });
          }}
        >
          <option value="">{t("admin.cameras.everyState")}</option>
          <option value="on">{t("admin.cameras.on")}</option>
          <option value="off">{t("admin.cameras.off")}</option>
          <option value="paused">{t("admin.cameras.paused")}</option>
        </select>
        <span className="ad-space" />
        <Button onClick={() => setSheet("new")}>{t("admin.cameras.add")}</Button>
        <Button onClick={() => setSheet("import")}>{t("admin.cameras.import")}</Button>
        <a className="ad-link" href={`/api/v1/registry/cameras.xlsx?language=${i18n.language === "zh" ? "zh" : "en"}`} download>
          {t("admin.cameras.xlsx")}
        </a>
        <a className="ad-link" href={`/api/v1/registry/cameras.csv?language=${i18n.language === "zh" ? "zh" : "en"}`} download>
          {t("admin.cameras.csv")}
        </a>
      </div>
      <BulkBar chosen={chosen} clear={() => setChosen(new Map())} all={() => void chooseAll()} gathering={gathering} said={said} />
      {page.error && !page.data ? (
        <Failed error={page.error} again={() => void page.refetch()} />
      ) : page.isPending ? (
        <Loading lines={14} />
      ) : items.length === 0 && fresh.length === 0 ? (
        <Empty title={t("admin.cameras.nothing")} hint={t("admin.cameras.nothingHow")} />
      ) : (
        <div className="ad-scroll">
          <table className="ad-table">
            <caption className="unseen">{t("admin.tabs.cameras")}</caption>
            <thead>
              <tr>
                <th scope="col">
                  <input
                    type="checkbox"
                    aria-label={t("admin.cameras.choosePage")}
                    checked={entries.length > 0 && entries.every((entry) => chosen.has(String(entry["id"])))}
                    onChange={(event) => choose(entries, event.target.checked)}
                  />
                </th>
                {["name", "platform", "category", "period", "dwell", "on", "more"].map((column) => (
                  <th key={column} scope="col">
                    {t(`admin.cameras.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fresh.map((entry) => (
                <CameraRow key={`new-${String(entry["id"])}`} original={entry} fresh chosen={false} choose={null} />
              ))}
              {entries.map((entry) => (
                <CameraRow key={String(entry["id"])} original={entry} chosen={chosen.has(String(entry["id"]))} choose={(on) => choose([entry], on)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="ad-pages">
        <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          {t("admin.cameras.previous")}
        </Button>
        <span role="status">
          {Object.keys(filter).length > 0
            ? t("admin.cameras.found", { count: items.length })
            : items.length > 0 && t("admin.cameras.range", { first: (items[0]?.place ?? 0) + 1, last: (items[items.length - 1]?.place ?? 0) + 1, total: state.cameras })}
        </span>
        <Button disabled={!page.data?.next || page.isPlaceholderData} onClick={() => page.data?.next && setCursors([...cursors, page.data.next])}>
          {t("admin.cameras.next")}
        </Button>
      </div>
      {sheet === "import" && <ImportSheet close={() => setSheet(null)} />}
      {sheet === "new" && <NewCamera close={() => setSheet(null)} />}
    </>
  );
}
