// One operator's place: which item is before them, that nobody else has it, what they said, and what they can take back.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { review, type Kind, type Verdict, type VerdictBody } from "./api";

const RENEW_MS = 30_000;
/** Whoever has not touched anything for so long is not at the desk: the item is let go to others. */
const AWAY_MS = 5 * 60_000;

export type Outcome = { what: "judged"; verdict: Verdict } | { what: "refused"; sentence: string } | { what: "stale" } | { what: "none" };

export interface Desk {
  current: string | null;
  /** Whether the item before the operator is theirs; a sentence where somebody else has it. */
  lease: "mine" | "asking" | "lapsed" | { others: string };
  busy: boolean;
  outcome: Outcome;
  open: (id: string) => void;
  /** Take the item that is shown, once nobody else has it. */
  take: () => void;
  next: () => void;
  judge: (version: number, body: VerdictBody) => void;
  undo: () => void;
  canUndo: boolean;
}

/** `may`: whoever only reads takes nothing, neither by asking for the next item nor by opening one. */
export function useDesk(kind: Kind | undefined, may: boolean): Desk {
  const queries = useQueryClient();
  const [current, setCurrent] = useState<string | null>(null);
  const [lease, setLease] = useState<Desk["lease"]>("asking");
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>({ what: "none" });
  const [judged, setJudged] = useState<string[]>([]);
  const now = useRef({ current, judged, mine: false, started: false, touched: Date.now() });
  now.current = { ...now.current, current, judged, mine: lease === "mine" };
  /** Counts what was asked for: whoever opens an item while the next one is still on its way keeps what they opened. */
  const turn = useRef(0);

  /** What is left without a verdict is let go; what was judged stays, so that it can be taken back. */
  const leave = useCallback(() => {
    const { current: left, judged: said, mine } = now.current;
    if (left && mine && !said.includes(left)) void review.giveBack(left).catch(() => undefined);
  }, []);

  const refused = useCallback((error: unknown) => {
    const sentence = error instanceof Error ? error.message : String(error);
    if (error instanceof ApiError && error.status === 409) setLease({ others: sentence });
    else setOutcome({ what: "refused", sentence });
  }, []);

  const take = useCallback(
    (id: string) => {
      if (!may) return;
      setLease("asking");
      review.lease(id).then(() => id === now.current.current && setLease("mine"), (error: unknown) => id === now.current.current && refused(error));
    },
    [may, refused],
  );

  const open = useCallback(
    (id: string) => {
      if (id === now.current.current) return;
      turn.current += 1;
      leave();
      setCurrent(id);
      take(id);
    },
    [leave, take],
  );

  const next = useCallback(
    (besides: string[] = []) => {
      if (!may) return;
      const mine = (turn.current += 1);
      const overtaken = () => mine !== turn.current;
      leave();
      setLease("asking");
      setBusy(true);
      review
        .next(kind, besides)
        .then(
          (taken) => {
            if (!overtaken()) {
              setCurrent(taken?.incident ?? null);
              setLease("mine");
            } else if (taken && taken.incident !== now.current.current) void review.giveBack(taken.incident).catch(() => undefined);
          },
          (error: unknown) => !overtaken() && refused(error),
        )
        .finally(() => setBusy(false));
    },
    [kind, leave, may, refused],
  );

  const judge = useCallback(
    (version: number, body: VerdictBody) => {
      const id = now.current.current;
      if (id === null) return;
      setBusy(true);
      review.judge(id, version, body).then(
        (verdict) => {
          setOutcome({ what: "judged", verdict });
          setJudged((before) => [...before.filter((other) => other !== id), id].slice(-20));
          now.current.judged = [...now.current.judged, id];
          void queries.invalidateQueries({ queryKey: ["review-item", id] });
          next();
        },
        (error: unknown) => {
          setBusy(false);
          if (error instanceof ApiError && error.status === 412) {
            setOutcome({ what: "stale" });
            void queries.invalidateQueries({ queryKey: ["review-item", id] });
          } else refused(error);
        },
      );
    },
    [next, queries, refused],
  );

  const undo = useCallback(() => {
    const last = now.current.judged.filter((id) => id !== now.current.current).at(-1);
    if (last === undefined) return;
    open(last);
    setJudged((before) => before.filter((id) => id !== last));
  }, [open]);

  useEffect(() => {
    const touched = () => {
      now.current.touched = Date.now();
    };
    const events = ["keydown", "pointerdown", "pointermove"] as const;
    for (const event of events) window.addEventListener(event, touched, { passive: true });
    const timer = setInterval(() => {
      const { current: id, mine } = now.current;
      if (id === null || !mine) return;
      if (Date.now() - now.current.touched > AWAY_MS) {
        leave();
        setLease("lapsed");
        return;
      }
      review.lease(id).catch((error: unknown) => id === now.current.current && refused(error));
    }, RENEW_MS);
    return () => {
      clearInterval(timer);
      for (const event of events) window.removeEventListener(event, touched);
    };
  }, [leave, refused]);

  useEffect(() => {
    // Once for each visit of the page; React may mount it twice while developing.
    if (!now.current.started) next();
    now.current.started = true;
  }, [next]);
  useEffect(() => {
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [leave]);

  return { current, lease, busy, outcome, open, take: () => current !== null && take(current), next: () => next(), judge, undo, canUndo: judged.some((id) => id !== current) };
}
