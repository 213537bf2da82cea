// Who is signed in, and what happens when the service no longer knows them in the middle of their work.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { signedIn } from "../api/client";
import { isSignedOut, session, type Me } from "../api/session";

let ended = false;
let known: string | null = null;
let waiting: (() => void)[] = [];
const watchers = new Set<() => void>();

function tell(next: boolean): void {
  ended = next;
  for (const watcher of watchers) watcher();
}

signedIn.ended = () => {
  if (!ended) tell(true);
  return new Promise((resolve) => waiting.push(resolve));
};

signedIn.again = () => readMe().catch(() => undefined);

async function readMe(): Promise<Me> {
  try {
    const me = await session.me();
    // Somebody else has signed in, here or in another tab: nothing of the one before may stay on the screen.
    if (known !== null && known !== me.name) {
      window.location.assign("/");
      return await new Promise<never>(() => undefined);
    }
    known = me.name;
    signedIn.csrf = me.csrf;
    if (ended) tell(false);
    for (const goOn of waiting.splice(0)) goOn();
    return me;
  } catch (error) {
    if (isSignedOut(error) && known !== null && !ended) tell(true);
    throw error;
  }
}

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: readMe, retry: false, refetchInterval: 30_000 });

/** Who is signed in; only for what stands inside the frame, where somebody is. */
export function useMe(): Me {
  const me = useQuery({ ...meQuery, enabled: false });
  if (!me.data) throw new Error("useMe is for pages inside the frame");
  return me.data;
}

/** Whether the session has ended under somebody who was signed in. */
export function useEnded(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => ended,
  );
}

/** Sign out and forget everything that was read. */
export async function leave(): Promise<void> {
  await session.leave();
  window.location.assign("/");
}
