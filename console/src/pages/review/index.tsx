// Review (研判): the queue, the clip with what was seen drawn over it, and the verdict. All by keyboard.
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { addWords } from "../../i18n";
import * as words from "../../i18n/review";
import { Empty } from "../../parts/Empty";
import { ExportButton } from "../../parts/evidence/ExportButton";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { HoldButton } from "../../parts/retention/HoldButton";
import { useMe } from "../../shell/me";
import { age } from "./age";
import { review, type Counts, type Dismissals, type Filter, type Kind } from "./api";
import { prepare } from "./clips";
import { useDesk } from "./desk";
import { Facts } from "./Facts";
import { useKeys, type Action } from "./keys";
import type { Layers } from "./overlay";
import { Player, type Controls } from "./Player";
import { Batch, Queue } from "./Queue";
import { Help, Phones } from "./Sheets";
import { Earlier, Sightings } from "./Strips";
import { VerdictPanel, type VerdictKeys } from "./VerdictPanel";
import { Where } from "./Where";
import "./style.css";

addWords("review", words);

const ALL = "all";
const KINDS: Kind[] = ["fireworks", "congestion", "fishing"];
const wholeOf = (id: string) => ({ queryKey: ["review-item", id], queryFn: () => review.whole(id), refetchInterval: false as const, staleTime: 60_000 });

export default function Review() {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const zone = me.county.timezone;
  const may = me.may.includes("incident.review");
  const [filter, setFilter] = useState<Filter>({ show: "waiting", kind: undefined });
  const desk = useDesk(filter.kind, may);
  const [layers, setLayers] = useState<Layers>({ boxes: true, tracks: true, zones: true });
  const [sheet, setSheet] = useState<"phones" | "help" | null>(null);
  const [batch, setBatch] = useState<Set<string> | null>(null);
  const [batchSaid, setBatchSaid] = useState<string | null>(null);
  const [visit, setVisit] = useState<string | null>(null);
  const now = useNow();
  const player = useRef<Controls>(null);
  const verdict = useRef<VerdictKeys>(null);
  const head = useRef<HTMLHeadingElement>(null);

  const counts = useQuery({ queryKey: ["review-counts"], queryFn: review.counts });
  const queue = useInfiniteQuery({
    queryKey: ["review-queue", filter],
    queryFn: ({ pageParam }) => review.queue(filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const items = useMemo(() => queue.data?.pages.flatMap((page) => page.items) ?? [], [queue.data]);
  const item = useQuery({ ...wholeOf(desk.current ?? ""), enabled: desk.current !== null });
  const whole = desk.current !== null ? item.data : undefined;
  const sighting = whole?.sightings.find((s) => s.visit === visit) ?? whole?.sightings.find((s) => s.clip) ?? whole?.sightings[0];
  const taken = sighting?.clip?.file ?? sighting?.picture ?? sighting?.key_frame;

  // The row of the queue is told anew with every lease, the item is not.
  const row = items.find((other) => other.id === desk.current);
  const lease = row ? row.lease : (whole?.item.lease ?? null);
  const others = items.filter((other) => other.lease === null || other.lease.mine);
  const upcoming = others.find((other) => other.id !== desk.current)?.id;
  useEffect(() => {
    // The next item and its clip are fetched while this one is looked at.
    if (upcoming === undefined || whole === undefined) return;
    void queries.fetchQuery(wholeOf(upcoming)).then((next) => {
      const clip = next.sightings.find((s) => s.clip)?.clip;
      if (clip) void prepare(clip.file);
    }, () => undefined);
  }, [upcoming, whole, queries]);

  const shown = whole?.item.id;
  useEffect(() => {
    setVisit(null);
    // What had the focus may be gone with the item before; the keyboard must not fall out of the page.
    if (shown !== undefined && (document.activeElement === null || document.activeElement === document.body)) head.current?.focus({ preventScroll: true });
  }, [shown]);

  const move = (by: 1 | -1) => {
    const place = items.findIndex((other) => other.id === desk.current);
    if (place < 0) {
      desk.next();
      return;
    }
    const rest = by === 1 ? items.slice(place + 1) : items.slice(0, place).reverse();
    const free = rest.find((other) => other.lease === null || other.lease.mine);
    if (free) desk.open(free.id);
  };
  const act = (action: Action) => {
    switch (action.do) {
      case "next": return move(1);
      case "previous": return move(-1);
      case "play": return player.current?.toggle();
      case "step": return player.current?.step(action.frames);
      case "slower": return player.current?.speed(-1);
      case "faster": return player.current?.speed(1);
      case "confirm": return verdict.current?.confirm();
      case "dismiss": return verdict.current?.dismiss();
      case "reason": return verdict.current?.reason(action.digit);
      case "unclear": return verdict.current?.unclear();
      case "close": return verdict.current?.drop();
      case "undo": return desk.undo();
      case "phones": return setSheet("phones");
      case "help": return setSheet("help");
      case "layers": return setLayers((was) => (was.boxes || was.tracks || was.zones ? { boxes: false, tracks: false, zones: false } : { boxes: true, tracks: true, zones: true }));
      case "batch": return setBatch((was) => (was === null && may ? new Set() : null));
    }
  };
  useKeys(act, sheet !== null);

  const dismissChosen = (code: string) => {
    const chosen = [...(batch ?? [])].slice(0, 200);
    review.dismiss(chosen, code, null).then(
      (answer) => {
        setBatchSaid(summary(answer, t));
        setBatch(new Set());
        void queries.invalidateQueries({ queryKey: ["review-queue"] });
        void queries.invalidateQueries({ queryKey: ["review-counts"] });
      },
      (error: Error) => setBatchSaid(error.message),
    );
  };

  return (
    <div className="rv">
      <Backlog counts={counts.data} now={now} filter={filter} setFilter={setFilter} batch={batch !== null} toggleBatch={() => act({ do: "batch" })} help={() => setSheet("help")} may={may} />
      {queue.error ? (
        <Failed error={queue.error} again={() => void queue.refetch()} />
      ) : queue.isPending ? (
        <Loading lines={8} />
      ) : (
        <Queue
          items={items}
          total={counts.data?.waiting ?? items.length}
          current={desk.current}
          now={now}
          open={desk.open}
          more={queue.hasNextPage && !queue.isFetchingNextPage ? () => void queue.fetchNextPage() : null}
          batch={batch}
          choose={(id, chosen) => setBatch((was) => new Set(chosen ? [...(was ?? []), id] : [...(was ?? [])].filter((other) => other !== id)))}
          foot={batch && <Batch count={batch.size} reasons={whole?.reasons ?? []} said={batchSaid} dismiss={dismissChosen} all={() => setBatch(new Set(others.filter((other) => other.kind === whole?.item.kind).slice(0, 200).map((other) => other.id)))} />}
        />
      )}
      <div className="rv-middle">
        <h2 ref={head} tabIndex={-1} className="rv-title">
          {whole ? `${t(`kinds.${whole.item.kind}`, whole.item.kind)} · ${whole.item.camera_name ?? whole.item.camera}` : t("review.title")}
        </h2>
        {item.error && desk.current !== null && <Failed error={item.error} again={() => void item.refetch()} />}
        {desk.current === null && !desk.busy && (
          <Empty title={t("review.free")} hint={t("review.freeHint")} action={may && <Button onClick={desk.next}>{t("review.take")} <kbd>J</kbd></Button>} />
        )}
        {desk.current !== null && item.isPending && <Loading lines={10} />}
        {whole && sighting && (
          <>
            <Player key={sighting.visit} ref={player} sighting={sighting} zones={whole.zones} layers={layers} setLayers={setLayers} />
            {taken && (
              <div className="rv-line rv-taken">
                <ExportButton file={taken} incident={whole.item.id} />
                <HoldButton incident={whole.item.id} />
              </div>
            )}
            <Sightings sightings={whole.sightings} chosen={sighting.visit} choose={setVisit} zone={zone} />
            <Earlier looks={whole.earlier} zone={zone} />
          </>
        )}
      </div>
      <aside className="rv-side" aria-label={t("review.side")}>
        <VerdictPanel ref={verdict} whole={whole} desk={desk} may={may} holder={lease !== null && !lease.mine ? lease.holder : null} />
        {whole && <Facts whole={whole} sighting={sighting} zone={zone} />}
        {whole?.map && <Where map={whole.map} name={whole.item.camera_name ?? whole.item.camera} />}
        {whole && (
          <Button block onClick={() => setSheet("phones")}>
            {t("review.phones")} <kbd>P</kbd>
          </Button>
        )}
      </aside>
      {sheet === "help" && <Help close={() => setSheet(null)} />}
      {sheet === "phones" && whole && <Phones whole={whole} may={me.may.includes("dispatch.call")} close={() => setSheet(null)} />}
    </div>
  );
}

interface BacklogProps {
  counts: Counts | undefined;
  now: number;
  filter: Filter;
  setFilter: (filter: Filter) => void;
  batch: boolean;
  toggleBatch: () => void;
  help: () => void;
  may: boolean;
}

function Backlog({ counts, now, filter, setFilter, batch, toggleBatch, help, may }: BacklogProps) {
  const { t } = useTranslation();
  const waits = counts?.oldest ? (now - Date.parse(counts.oldest)) / 1000 : null;
  const of = (kind: Kind) => counts?.kinds.find((k) => k.kind === kind)?.waiting ?? 0;
  return (
    <header className="rv-head">
      <span className="rv-waiting">
        {t("review.waiting")} <strong>{counts?.waiting ?? "–"}</strong>
      </span>
      <span className={waits !== null && waits > 600 ? "rv-oldest rv-late" : "rv-oldest"}>
        {t("review.oldest")} <strong>{waits === null ? "–" : age(waits)}</strong>
      </span>
      <Segmented
        size="small"
        aria-label={t("review.show")}
        value={filter.show}
        onChange={(show) => setFilter({ ...filter, show })}
        options={(["waiting", "unclear", "judged"] as const).map((show) => ({ value: show, label: t(`review.shows.${show}`) }))}
      />
      <Segmented
        size="small"
        aria-label={t("kind")}
        value={filter.kind ?? ALL}
        onChange={(kind) => setFilter({ ...filter, kind: KINDS.find((known) => known === kind) })}
        options={[{ value: ALL, label: t("review.allKinds") }, ...KINDS.map((kind) => ({ value: kind as string, label: `${t(`review.short.${kind}`)} ${of(kind)}` }))]}
      />
      <span className="rv-others muted">{counts && counts.others.length > 0 && t("review.othersWork", { count: counts.others.length })}</span>
      {may && (
        <Button size="small" aria-pressed={batch} type={batch ? "primary" : "default"} onClick={toggleBatch}>
          {t("review.batch")} <kbd>B</kbd>
        </Button>
      )}
      <Button size="small" onClick={help}>
        {t("review.help")} <kbd>?</kbd>
      </Button>
    </header>
  );
}

function summary(answer: Dismissals, t: TFunction): string {
  const left = (outcome: string) => answer.items.filter((item) => item.outcome === outcome).length;
  const parts = [t("review.dismissed", { count: answer.dismissed })];
  for (const outcome of ["held", "judged", "unknown", "refused"]) if (left(outcome) > 0) parts.push(t(`review.left.${outcome}`, { count: left(outcome) }));
  return parts.join(", ");
}

/** Now in ms, told anew every second. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
