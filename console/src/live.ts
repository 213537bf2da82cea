// Server-sent events say that something changed; the queries then ask the API again. Events carry no state of their own.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

const touched: Record<string, string[]> = {
  look: ["looks", "status"],
  missed: ["looks", "status"],
  incident: ["incidents", "incident", "status", "review-queue", "review-counts", "review-item"],
  lease: ["review-queue", "review-counts"],
  alert: ["alerts", "incident", "dispatches", "review-item"],
  answer: ["alerts", "incidents", "incident", "dispatches", "status", "review-item"],
  case: ["cases", "case", "incidents", "incident", "dispatches", "alerts"],
  escalation: ["dispatches", "status"],
  letter: ["cases", "case"],
  registry: ["registry", "looks", "status"],
  problem: ["status"],
  lost: ["registry", "looks", "status", "incidents", "incident", "alerts", "dispatches", "cases", "case", "review-queue", "review-counts", "review-item"],
};

const AGAIN_MS = 3000;

/** Since when the live connection is away, in ms since 1970; null: it stands.
 *
 * A browser tries again by itself after a cut, but not after an answer that is no stream (a proxy's 502, an ended session): then this does. */
export function useLive(): number | null {
  const queries = useQueryClient();
  const [away, setAway] = useState<number | null>(null);
  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (names: string[]) => {
      for (const name of names) void queries.invalidateQueries({ queryKey: [name] });
    };
    const open = () => {
      source = new EventSource("/api/v1/events");
      for (const [event, names] of Object.entries(touched)) source.addEventListener(event, () => again(names));
      source.onopen = () => {
        setAway(null);
        again(touched["lost"] ?? []);
      };
      source.onerror = () => {
        setAway((since) => since ?? Date.now());
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries]);
  return away;
}
