// The draft: changes of the registry that are not saved yet. It is kept in the tab, so that a reload loses nothing.
import { useSyncExternalStore } from "react";
import type { Entry, Operation } from "./api";

/** `base`: SHA-256 of the registry that the changes were made from. */
export interface Draft {
  base: string;
  operations: Operation[];
}

export type Path = (string | number)[];

const EMPTY: Draft = { base: "", operations: [] };
const KEY = "registry-draft";
const watchers = new Set<() => void>();
let known: { owner: string; draft: Draft } | null = null;

function load(owner: string): Draft {
  if (known?.owner === owner) return known.draft;
  let draft = EMPTY;
  try {
    const kept = JSON.parse(sessionStorage.getItem(`${KEY}:${owner}`) ?? "null") as Draft | null;
    if (kept !== null && Array.isArray(kept.operations)) draft = kept;
  } catch {
    // What cannot be read is no draft.
  }
  known = { owner, draft };
  return draft;
}

function keep(owner: string, draft: Draft): void {
  known = { owner, draft };
  if (draft.operations.length === 0) sessionStorage.removeItem(`${KEY}:${owner}`);
  else sessionStorage.setItem(`${KEY}:${owner}`, JSON.stringify(draft));
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** For tests: what a reload does to the page. */
export function forgetMemory(): void {
  known = null;
}

/** The draft of one person in this tab. `base`: SHA-256 of the registry on the screen, for the first change. */
export function useDraft(owner: string, base: string) {
  const draft = useSyncExternalStore(watch, () => load(owner));
  const store = (operations: Operation[]) => keep(owner, { base: load(owner).operations.length === 0 ? base : load(owner).base, operations });
  return {
    draft,
    put: (...made: Operation[]) => store(made.reduce(put, load(owner).operations)),
    /** Give fields values; each edit knows the entry as the file gives it. */
    edit: (...edits: Edit[]) => store(edits.reduce(edited, load(owner).operations)),
    /** Take back every change below a path. */
    drop: (path: Path) => store(load(owner).operations.filter((op) => !below(op, path))),
    /** Start from another registry: what was changed stays. */
    onto: (sha: string) => keep(owner, { ...load(owner), base: sha }),
    discard: () => keep(owner, EMPTY),
  };
}

export type Drafting = ReturnType<typeof useDraft>;

/** One field's new value; null: it is taken out. `entry`: where the entry stands; `field`: the way to the field in it; `original`: the entry in the file. */
export interface Edit {
  entry: Path;
  field: Path;
  value: unknown;
  original: unknown;
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const starts = (path: Path, with_: Path) => with_.every((step, i) => path[i] === step);

export function identity(entry: unknown): string | null {
  if (typeof entry !== "object" || entry === null) return null;
  for (const name of ["id", "key", "code", "name"]) {
    const value = (entry as Entry)[name];
    if (typeof value === "string") return value;
  }
  return null;
}

function below(op: Operation, path: Path): boolean {
  if (starts(op.path, path)) return true;
  return op.op === "add" && path.length === op.path.length + 1 && starts(path, op.path) && identity(op.value) === path[path.length - 1];
}

/** The operations with one more, as few as say the same: the last value of a field wins, an entry that is new holds its own changes. */
export function put(operations: Operation[], next: Operation): Operation[] {
  const birth = operations.findIndex((op) => op.op === "add" && starts(next.path, op.path) && next.path.length > op.path.length && identity(op.value) === next.path[op.path.length]);
  const born = operations[birth];
  if (born !== undefined) {
    if (next.op === "remove" && next.path.length === born.path.length + 1) return operations.filter((_, i) => i !== birth);
    const value = changed(born.value, next.path.slice(born.path.length + 1), next.op === "set" ? next.value : null);
    return operations.map((op, i) => (i === birth ? { ...born, value } : op));
  }
  if (next.op === "set" || next.op === "remove") return [...operations.filter((op) => !((op.op === "set" || op.op === "remove") && starts(op.path, next.path))), next];
  return [...operations, next];
}

/** A value with another one inside; null takes it out. */
export function changed(value: unknown, path: Path, inner: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return inner;
  if (Array.isArray(value)) {
    const place = typeof step === "number" ? step : value.findIndex((entry) => identity(entry) === step);
    if (rest.length === 0 && inner === null) return value.filter((_, i) => i !== place);
    return value.map((entry: unknown, i) => (i === place ? changed(entry, rest, inner) : entry));
  }
  const { [step]: old, ...others } = (value ?? {}) as Record<string | number, unknown>;
  if (rest.length === 0 && (inner === null || inner === undefined)) return others;
  return { ...others, [step]: changed(old, rest, inner) };
}

/** An entry as the draft has it. `path` of the entry: section and id. */
export function drafted(entry: Entry, path: Path, operations: Operation[]): Entry {
  let made: unknown = entry;
  for (const op of operations) if (op.op === "set" && starts(op.path, path) && op.path.length > path.length) made = changed(made, op.path.slice(path.length), op.value);
  for (const op of operations) if (op.op === "remove" && starts(op.path, path) && op.path.length > path.length) made = changed(made, op.path.slice(path.length), null);
  return made as Entry;
}

/** A section's entries as the draft has them; what it takes out is still there, see `isRemoved`. */
export function section(entries: Entry[], name: string, operations: Operation[]): Entry[] {
  let list = entries;
  for (const op of operations) if (op.op === "set" && op.path.length === 1 && op.path[0] === name) list = op.value as Entry[];
  return [...list.map((entry) => drafted(entry, [name, identity(entry) ?? ""], operations)), ...added(name, operations)];
}

export function added(name: string, operations: Operation[]): Entry[] {
  return operations.filter((op) => op.op === "add" && op.path.length === 1 && op.path[0] === name).map((op) => op.value as Entry);
}

export function isRemoved(path: Path, operations: Operation[]): boolean {
  return operations.some((op) => op.op === "remove" && same(op.path, path));
}

export function isTouched(path: Path, operations: Operation[]): boolean {
  return operations.some((op) => below(op, path));
}

/** What stands at a path in a value; undefined: nothing does. */
export function at(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) return at(typeof step === "number" ? value[step] : value.find((entry) => identity(entry) === step), rest);
  return typeof value === "object" && value !== null ? at((value as Entry)[step], rest) : undefined;
}

const nothing = (value: unknown) => (value === undefined || value === "" ? null : value);

/** The operations with a field's value; what is as in the file is no change. */
export function edited(operations: Operation[], { entry, field, value, original }: Edit): Operation[] {
  const path = [...entry, ...field];
  const born = operations.some((op) => op.op === "add" && below(op, entry));
  if (born || !same(nothing(value), nothing(at(original, field)))) return put(operations, { op: "set", path, value: nothing(value) });
  return operations.filter((op) => !(op.op === "set" && starts(op.path, path)));
}
