// This telephone's one queue of answers, and the hooks by which pages give and see them.
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useMe } from "../../shell/me";
import { inbox, type Matter } from "./api";
import { newKey, Queue, type Queued } from "./queue";
import { shelf } from "./shelf";
import type { Status } from "./standing";

export const queue = new Queue(shelf, { bring: inbox.bring, answer: inbox.answer });

/** What is on its way from this telephone. */
export function useQueued(): Queued[] {
  return useSyncExternalStore(queue.watch, queue.now);
}

export interface Said {
  note?: string;
  reason?: string;
  eta?: number;
  photos?: Blob[];
}

/** Gives an answer: it is kept first, then sent. */
export function useGive(): (matter: Matter, status: Status, said?: Said) => Promise<void> {
  const me = useMe();
  const queries = useQueryClient();
  return async (matter, status, said = {}) => {
    await queue.give({
      key: newKey(),
      who: me.name,
      alert: matter.alert,
      incident: matter.incident,
      status,
      note: said.note?.trim() || null,
      reason: said.reason?.trim() || null,
      eta: said.eta ?? null,
      photos: (said.photos ?? []).map((blob) => ({ key: newKey(), blob, id: null })),
      reported_at: new Date().toISOString(),
      refused: null,
    });
    void queue.send(me.name).then(() => queries.invalidateQueries({ queryKey: ["inbox"] }));
  };
}
