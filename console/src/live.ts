// Server-sent events say that something changed; the queries then ask the API again. Events carry no state of their own.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

const touched: Record<string, string[]> = {
  look: ["looks", "status"],
  missed: ["looks", "status"],
  incident: ["incidents", "incident", "status"],
  alert: ["alerts", "incident", "dispatches"],
  answer: ["alerts", "incidents", "incident", "dispatches", "status"],
  case: ["cases", "case", "incidents", "incident", "dispatches", "alerts"],
  escalation: ["dispatches", "status"],
  letter: ["cases", "case"],
  registry: ["registry", "looks", "status"],
  problem: ["status"],
  lost: ["looks", "status", "incidents", "incident", "alerts", "dispatches", "cases", "case"],
};

/** Whether the live connection stands. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => {
    const source = new EventSource("/api/v1/events");
    const again = (names: string[]) => {
      for (const name of names) void queries.invalidateQueries({ queryKey: [name] });
    };
    for (const [event, names] of Object.entries(touched)) source.addEventListener(event, () => again(names));
    source.onopen = () => {
      setLive(true);
      again(touched["lost"] ?? []);
    };
    source.onerror = () => setLive(false);
    return () => source.close();
  }, [queries]);
  return live;
}
