// The queue: what waits, how long, and who works on it. Only the rows in sight are drawn.
import { Button, Checkbox, Select } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty";
import type { Language } from "../../i18n";
import type { Item, Reason } from "./api";
import { age } from "./age";

const ROW = 66;
const SPARE = 6;

interface Props {
  items: Item[];
  total: number;
  current: string | null;
  now: number;
  open: (id: string) => void;
  more: (() => void) | null;
  batch: Set<string> | null;
  choose: (id: string, chosen: boolean) => void;
  foot: ReactNode;
}

export function Queue({ items, total, current, now, open, more, batch, choose, foot }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const first = Math.max(0, Math.floor(seen.top / ROW) - SPARE);
  const last = Math.min(items.length, Math.ceil((seen.top + seen.height) / ROW) + SPARE);
  const looked = () => list.current && setSeen({ top: list.current.scrollTop, height: list.current.clientHeight });

  useEffect(() => {
    if (!list.current) return;
    const watcher = new ResizeObserver(looked);
    watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (more && last >= items.length - SPARE) more();
  }, [more, last, items.length]);
  const place = items.findIndex((item) => item.id === current);
  useEffect(() => {
    const element = list.current;
    if (!element || place < 0) return;
    const [top, bottom] = [place * ROW, (place + 1) * ROW];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  }, [place]);

  return (
    <section className="rv-queue" aria-label={t("review.queue")}>
      <ul ref={list} onScroll={looked} className="rv-list" tabIndex={-1}>
        {items.length === 0 && (
          <li>
            <Empty title={t("review.nothing")} hint={t("review.nothingHint")} />
          </li>
        )}
        <li aria-hidden style={{ height: first * ROW }} />
        {items.slice(first, last).map((item, at) => (
          <li key={item.id} className="rv-row" aria-setsize={Math.max(total, items.length)} aria-posinset={first + at + 1} style={{ height: ROW }}>
            {batch && (
              <Checkbox
                className="rv-choose"
                checked={batch.has(item.id)}
                disabled={item.lease !== null && !item.lease.mine}
                onChange={(event) => choose(item.id, event.target.checked)}
                aria-label={`${t("review.choose")}: ${item.camera_name ?? item.camera}`}
              />
            )}
            <Row item={item} current={item.id === current} now={now} open={open} />
          </li>
        ))}
        <li aria-hidden style={{ height: (items.length - last) * ROW }} />
      </ul>
      {foot}
    </section>
  );
}

function Row({ item, current, now, open }: { item: Item; current: boolean; now: number; open: (id: string) => void }) {
  const { t } = useTranslation();
  const waits = (now - Date.parse(item.first_seen_at)) / 1000;
  return (
    <button type="button" className={`rv-item rv-${item.verdict}`} aria-current={current} onClick={() => open(item.id)}>
      <span className="rv-item-head">
        <strong>{t(`kinds.${item.kind}`, item.kind)}</strong>
        <span className={waits > 600 && item.review === null ? "rv-age rv-late" : "rv-age"}>{age(waits)}</span>
      </span>
      <span className="rv-item-place">{item.camera_name ?? item.camera}</span>
      <span className="rv-item-tags">
        <span className={item.verdict === "flagged" ? "rv-tag rv-bad" : "rv-tag rv-warn"}>{t(`verdicts.${item.verdict}`, item.verdict)}</span>
        {item.at_once && <span className="rv-tag rv-info">{t("review.atOnce")}</span>}
        {item.state === "ended" && <span className="rv-tag">{t("review.gone")}</span>}
        {item.lease && <span className={item.lease.mine ? "rv-tag rv-info" : "rv-tag rv-held"}>{item.lease.mine ? t("review.mine") : t("review.heldBy", { who: item.lease.holder })}</span>}
      </span>
    </button>
  );
}

/** Many at once: how many are chosen, for which reason, and what became of them. */
export function Batch({ count, reasons, said, dismiss, all }: { count: number; reasons: Reason[]; said: string | null; dismiss: (code: string) => void; all: () => void }) {
  const { t, i18n } = useTranslation();
  const [code, setCode] = useState<string | null>(null);
  const fitting = reasons.filter((reason) => reason.verdicts.includes("false_alarm") && reason.code !== "other");
  return (
    <div className="rv-batch">
      <div className="rv-line">
        <span>{t("review.chosen", { count })}</span>
        <Button size="small" onClick={all}>
          {t("review.all")}
        </Button>
      </div>
      <Select
        aria-label={t("review.reason")}
        placeholder={t("review.reason")}
        value={code}
        onChange={setCode}
        options={fitting.map((reason) => ({ value: reason.code, label: reason.name[i18n.language as Language] }))}
      />
      <Button danger disabled={count === 0 || code === null} onClick={() => code !== null && dismiss(code)}>
        {t("review.dismissChosen", { count })}
      </Button>
      <div role="status" className="muted">
        {said}
      </div>
    </div>
  );
}
