// Where every look stands, in columns: the whole once, then only what changed.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { board, type BoardLooks, type BoardStates } from "./api";

const EVERY_MS = 3000;
const NAMES_EVERY_MS = 60_000;

/** What is known of every look; entry `i` of each list is about look `i` of `names`.
 *
 * `deadline` and `inspected` are on the service's steady clock; `clock()` is that clock now, by the browser's own steady one. */
export interface Standing {
  names: string;
  version: string;
  now: number;
  at: number;
  states: BoardStates["states"];
  outcomes: BoardStates["outcomes"];
  causes: string[];
  state: number[];
  deadline: (number | null)[];
  inspected: (number | null)[];
  outcome: number[];
  cause: number[];
  failures: number[];
  ended: (number | null)[];
  away_since: (number | null)[];
}

const COLUMNS = ["state", "deadline", "inspected", "outcome", "cause", "failures", "ended", "away_since"] as const;

/** The standing after an answer. `at`: `performance.now()` when it came. An answer in part goes on from `before`. */
export function merged(before: Standing | undefined, said: BoardStates, at: number): Standing {
  const { names, version, now, states, outcomes, causes } = said;
  const head = { names, version, now, at, states, outcomes, causes };
  if (said.whole || before === undefined || said.row === null) {
    return { ...head, state: said.state, deadline: said.deadline, inspected: said.inspected, outcome: said.outcome, cause: said.cause, failures: said.failures, ended: said.ended, away_since: said.away_since };
  }
  if (said.row.length === 0) return { ...before, ...head };
  const next: Standing = { ...before, ...head };
  for (const column of COLUMNS) {
    const copy = [...before[column]] as (number | null)[];
    const fresh = said[column];
    said.row.forEach((row, index) => {
      copy[row] = fresh[index] ?? null;
    });
    (next[column] as (number | null)[]) = copy;
  }
  return next;
}

/** The service's steady clock now, seconds. */
export function clock(standing: Standing): number {
  return standing.now + (performance.now() - standing.at) / 1000;
}

export function useStanding() {
  const queries = useQueryClient();
  const states = useQuery({
    queryKey: ["rotation.states"],
    queryFn: async () => {
      const before = queries.getQueryData<Standing>(["rotation.states"]);
      const said = await board.states(before?.version ?? null);
      return merged(before, said, performance.now());
    },
    refetchInterval: EVERY_MS,
    // Ten thousand entries: comparing them to the ones before would cost more than showing them.
    structuralSharing: false,
  });
  // The names are read again when the states speak of others: the registry was changed.
  const of = states.data?.names;
  const looks = useQuery({ queryKey: ["rotation.names", of], queryFn: board.looks, refetchInterval: NAMES_EVERY_MS, enabled: of !== undefined, placeholderData: (kept) => kept });
  const fits = looks.data !== undefined && states.data !== undefined && looks.data.names === states.data.names;
  return {
    looks: fits ? looks.data : undefined,
    standing: fits ? states.data : undefined,
    error: states.error ?? looks.error,
    again: () => void Promise.all([states.refetch(), looks.refetch()]),
  };
}

export type { BoardLooks };
