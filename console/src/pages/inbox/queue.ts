// Answers on their way: kept on the telephone until the service has them, sent in the order in which they were given.
//
// Every answer goes through here, with network or without: what is not yet sent survives a reload and a flat battery.
import { ApiError } from "../../api/client";
import type { Answer } from "./api";

/** A photo of an answer; `id` once the service has it. */
export interface QueuedPhoto {
  key: string;
  blob: Blob;
  id: string | null;
}

/** An answer that the service has not got yet, or does not take.
 *
 * `key`: by which the service knows it when it comes twice. `who`: the account that gave it; nobody else's session sends it.
 * `reported_at`: when it was given, ISO 8601. `refused`: the service's sentence why it is not taken; such an answer is not sent again. */
export interface Queued {
  key: string;
  who: string;
  alert: string;
  incident: string;
  status: Answer["status"];
  note: string | null;
  reason: string | null;
  eta: number | null;
  photos: QueuedPhoto[];
  reported_at: string;
  refused: string | null;
}

/** Where answers are kept: IndexedDB in a browser. */
export interface Shelf {
  all: () => Promise<Queued[]>;
  put: (answer: Queued) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

/** How they are sent. Both throw `ApiError` where the service answers no, anything else where it does not answer. */
export interface Way {
  bring: (alert: string, key: string, photo: Blob) => Promise<{ id: string }>;
  answer: (alert: string, key: string, body: Answer) => Promise<unknown>;
}

/** Answers of the service after which the same may be tried again later; so may whatever says when (`Retry-After`). */
const LATER = [401, 403, 408, 425, 429];

export class Queue {
  private known: Queued[] = [];
  private watchers = new Set<() => void>();
  private sending: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly shelf: Shelf,
    private readonly way: Way,
  ) {}

  /** Read what is kept from before. */
  async open(): Promise<void> {
    this.known = inOrder(await this.shelf.all());
    this.tell();
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** What is on its way, oldest first; the same array until something changes. */
  now = (): Queued[] => this.known;

  /** Keep an answer. When this resolves it is safe on the telephone. */
  async give(answer: Queued): Promise<void> {
    await this.shelf.put(answer);
    this.known = inOrder([...this.known, answer]);
    this.tell();
  }

  /** Let go of an answer that the service did not take. */
  async drop(key: string): Promise<void> {
    await this.shelf.remove(key);
    this.known = this.known.filter((one) => one.key !== key);
    this.tell();
  }

  /** Send what waits, one at a time; stops where the service does not answer. Two callers at once send nothing twice. */
  send(who: string): Promise<void> {
    if (this.sending) {
      this.again = true;
      return this.sending;
    }
    this.sending = this.sendAll(who).finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  private async sendAll(who: string): Promise<void> {
    do {
      this.again = false;
      for (const one of this.known.filter((waits) => waits.who === who && waits.refused === null)) {
        if (!(await this.sendOne(one))) return;
      }
    } while (this.again);
  }

  private async sendOne(one: Queued): Promise<boolean> {
    try {
      for (const photo of one.photos) {
        if (photo.id !== null) continue;
        photo.id = (await this.way.bring(one.alert, photo.key, photo.blob)).id;
        await this.shelf.put(one);
      }
      await this.way.answer(one.alert, one.key, {
        status: one.status,
        note: one.note,
        reason: one.reason,
        photos: one.photos.map((photo) => photo.id ?? ""),
        on_my_way_eta_min: one.eta,
        reported_at: one.reported_at,
      });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500 || error.waitS !== null || LATER.includes(error.status)) return false;
      const told = { ...one, refused: error.message };
      await this.shelf.put(told);
      this.known = this.known.map((other) => (other.key === one.key ? told : other));
      this.tell();
      return true;
    }
    await this.drop(one.key);
    return true;
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}

function inOrder(answers: Queued[]): Queued[] {
  return [...answers].sort((a, b) => a.reported_at.localeCompare(b.reported_at));
}

/** A key for an answer or a photo. Not `crypto.randomUUID`: browsers keep that from pages that came over plain HTTP. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
