// A unified diff as lines for people: what came, what went, where it stands in the file.

/** `old`, `new`: numbers of the line in the two files, from 1; null: it is not in that one. */
export interface DiffLine {
  kind: "added" | "removed" | "same" | "gap";
  text: string;
  old: number | null;
  new: number | null;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

export function linesOf(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let [old, next] = [0, 0];
  for (const line of diff.split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      [old, next] = [Number(hunk[1]), Number(hunk[3])];
      if (lines.length > 0) lines.push({ kind: "gap", text: "", old: null, new: null });
    } else if (old === 0 && next === 0) {
      // The names of the two files.
    } else if (line.startsWith("+")) {
      lines.push({ kind: "added", text: line.slice(1), old: null, new: next++ });
    } else if (line.startsWith("-")) {
      lines.push({ kind: "removed", text: line.slice(1), old: old++, new: null });
    } else if (line.startsWith(" ")) {
      lines.push({ kind: "same", text: line.slice(1), old: old++, new: next++ });
    }
  }
  return lines;
}
