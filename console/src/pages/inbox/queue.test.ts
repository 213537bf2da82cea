// Answers given without network: none is lost, none is sent twice, order is kept, what is not taken says why.
import { expect, test } from "vitest";
import { ApiError } from "../../api/client";
import type { Answer } from "./api";
import { Queue, newKey, type Queued, type Shelf, type Way } from "./queue";

/** As much of a telephone's store as outlives a reload: what was put into it, copied. */
function telephone(): Shelf & { kept: Map<string, Queued> } {
  const kept = new Map<string, Queued>();
  return {
    kept,
    all: async () => [...kept.values()].map((one) => structuredClone(one)),
    put: async (one) => void kept.set(one.key, structuredClone(one)),
    remove: async (key) => void kept.delete(key),
  };
}

/** The service: takes everything while there is a network; each key counts once. */
class Service implements Way {
  network = true;
  taken: { key: string; body: Answer }[] = [];
  photos: string[] = [];
  refusing: Record<string, ApiError> = {};
  lostAnswers = 0;

  bring = async (_alert: string, key: string) => {
    if (!this.network) throw new TypeError("Failed to fetch");
    if (!this.photos.includes(key)) this.photos.push(key);
    return { id: `id-${key}` };
  };

  answer = async (_alert: string, key: string, body: Answer) => {
    if (!this.network) throw new TypeError("Failed to fetch");
    const no = this.refusing[body.status];
    if (no) throw no;
    if (!this.taken.some((one) => one.key === key)) this.taken.push({ key, body });
    if (this.lostAnswers-- > 0) throw new TypeError("the connection broke before the answer came");
  };
}

function answer(status: Queued["status"], minute: number, more: Partial<Queued> = {}): Queued {
  return { key: newKey(), who: "wang", alert: "a1", incident: "i1", status, note: null, reason: null, eta: null, photos: [], reported_at: new Date(Date.UTC(2026, 10, 26, 8, minute)).toISOString(), refused: null, ...more };
}

test("what is given without network is sent when it is back, in its order, with its own time", async () => {
  const [shelf, service] = [telephone(), new Service()];
  const queue = new Queue(shelf, service);
  service.network = false;
  const [first, second] = [answer("accepted", 1), answer("on_scene", 9)];
  await queue.give(first);
  await queue.give(second);
  await queue.send("wang");
  expect(service.taken).toEqual([]);
  expect(queue.now().map((one) => one.status)).toEqual(["accepted", "on_scene"]);
  service.network = true;
  await queue.send("wang");
  expect(service.taken.map((one) => [one.body.status, one.body.reported_at])).toEqual([["accepted", first.reported_at], ["on_scene", second.reported_at]]);
  expect([queue.now(), shelf.kept.size]).toEqual([[], 0]);
});

test("a reload loses nothing", async () => {
  const [shelf, service] = [telephone(), new Service()];
  service.network = false;
  const before = new Queue(shelf, service);
  await before.give(answer("disposed", 5, { note: "已劝离", photos: [{ key: newKey(), blob: new Blob(["p"]), id: null }] }));
  await before.send("wang");
  const after = new Queue(shelf, service);
  await after.open();
  expect(after.now().map((one) => one.note)).toEqual(["已劝离"]);
  service.network = true;
  await after.send("wang");
  expect(service.taken[0]?.body.photos).toEqual([`id-${service.photos[0]}`]);
  expect(shelf.kept.size).toBe(0);
});

test("an answer whose receipt was lost goes out again under the same key and counts once", async () => {
  const [shelf, service] = [telephone(), new Service()];
  const queue = new Queue(shelf, service);
  service.lostAnswers = 1;
  await queue.give(answer("accepted", 1));
  await queue.send("wang");
  expect(queue.now()).toHaveLength(1);
  await queue.send("wang");
  expect(service.taken).toHaveLength(1);
  expect(queue.now()).toEqual([]);
});

test("photos that are there already are not brought again", async () => {
  const [shelf, service] = [telephone(), new Service()];
  const queue = new Queue(shelf, service);
  service.refusing["disposed"] = new ApiError("the store does not answer", 503);
  await queue.give(answer("disposed", 1, { photos: [1, 2].map(() => ({ key: newKey(), blob: new Blob(["p"]), id: null })) }));
  await queue.send("wang");
  expect([...shelf.kept.values()][0]?.photos.map((photo) => photo.id)).toEqual(service.photos.map((key) => `id-${key}`));
  let brought = 0;
  const bring = service.bring;
  service.bring = async (alert, key) => (brought++, bring(alert, key));
  service.refusing = {};
  await queue.send("wang");
  expect(brought).toBe(0);
  expect(service.taken).toHaveLength(1);
});

test("what the service does not take stays with its reason, holds nothing up and is not sent again", async () => {
  const [shelf, service] = [telephone(), new Service()];
  const queue = new Queue(shelf, service);
  service.refusing["accepted"] = new ApiError("police has taken it on; nothing more is asked here", 409);
  const late = answer("accepted", 1);
  await queue.give(late);
  await queue.give(answer("received", 2, { alert: "a2", incident: "i2" }));
  await queue.send("wang");
  expect(service.taken.map((one) => one.body.status)).toEqual(["received"]);
  expect(queue.now()).toEqual([{ ...late, refused: "police has taken it on; nothing more is asked here" }]);
  service.refusing = {};
  await queue.send("wang");
  expect(service.taken).toHaveLength(1);
  const after = new Queue(shelf, service);
  await after.open();
  expect(after.now()[0]?.refused).toContain("police");
  await after.drop(late.key);
  expect(shelf.kept.size).toBe(0);
});

test("a busy service, an ended session, or the same answer still under way is no refusal", async () => {
  for (const [status, waitS] of [[401, null], [429, 5], [500, null], [503, 5], [409, 1]] as const) {
    const service = new Service();
    const queue = new Queue(telephone(), service);
    service.refusing["accepted"] = new ApiError("later", status, waitS);
    await queue.give(answer("accepted", 1));
    await queue.send("wang");
    expect(queue.now()[0]?.refused).toBeNull();
  }
});

test("an account's answers are sent by that account alone", async () => {
  const service = new Service();
  const queue = new Queue(telephone(), service);
  await queue.give(answer("accepted", 1, { who: "wang" }));
  await queue.send("li");
  expect(service.taken).toEqual([]);
  await queue.send("wang");
  expect(service.taken).toHaveLength(1);
});

test("two callers at once send nothing twice, and what was given meanwhile goes out too", async () => {
  const service = new Service();
  const queue = new Queue(telephone(), service);
  let sent = 0;
  const plain = service.answer;
  service.answer = async (alert, key, body) => {
    sent++;
    if (sent === 1) {
      await queue.give(answer("on_scene", 3));
      void queue.send("wang");
    }
    await plain(alert, key, body);
  };
  await queue.give(answer("accepted", 1));
  await Promise.all([queue.send("wang"), queue.send("wang")]);
  expect([sent, service.taken.map((one) => one.body.status)]).toEqual([2, ["accepted", "on_scene"]]);
});
