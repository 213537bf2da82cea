// Where each cell stands: groups under each other, each a block of rows. Pure.

export interface Block {
  group: number;
  count: number;
  y: number;
  first: number;
}

/** `order[slot]` is the look in a slot; `height` the whole in pixels. */
export interface Layout {
  order: number[];
  blocks: Block[];
  columns: number;
  pitch: number;
  height: number;
}

export const HEADER = 26;
const GAP = 8;

/** Put looks in slots.
 *
 * `rows`: the looks, in order; `group`: number of each look's group, -1 for none (comes last); `width` and `pitch` in pixels. */
export function layOut(rows: number[], group: (row: number) => number, groups: number, width: number, pitch: number): Layout {
  const lists: number[][] = Array.from({ length: groups + 1 }, () => []);
  for (const row of rows) {
    const of = group(row);
    lists[of < 0 ? groups : of]?.push(row);
  }
  const columns = Math.max(1, Math.floor(width / pitch));
  const blocks: Block[] = [];
  const order: number[] = [];
  let y = 0;
  lists.forEach((list, of) => {
    if (list.length === 0) return;
    blocks.push({ group: of === groups ? -1 : of, count: list.length, y, first: order.length });
    order.push(...list);
    y += HEADER + Math.ceil(list.length / columns) * pitch + GAP;
  });
  return { order, blocks, columns, pitch, height: y };
}

/** The last block that begins before or at what is asked for. */
function blockBy(layout: Layout, by: "first" | "y", at: number): Block | undefined {
  let found: Block | undefined;
  for (const block of layout.blocks) if (block[by] <= at) found = block;
  return found;
}

/** Upper left corner of a slot. */
export function place(layout: Layout, slot: number): { x: number; y: number } {
  const block = blockBy(layout, "first", slot);
  const inside = slot - (block?.first ?? 0);
  return { x: (inside % layout.columns) * layout.pitch, y: (block?.y ?? 0) + HEADER + Math.floor(inside / layout.columns) * layout.pitch };
}

/** The slot at a point, null between cells. */
export function slotAt(layout: Layout, x: number, y: number): number | null {
  const block = blockBy(layout, "y", y);
  if (!block || x < 0) return null;
  const column = Math.floor(x / layout.pitch);
  const line = Math.floor((y - block.y - HEADER) / layout.pitch);
  if (column >= layout.columns || line < 0) return null;
  const inside = line * layout.columns + column;
  return inside < block.count ? block.first + inside : null;
}

/** The slots that show between two heights, from and to (excluded). */
export function slotsBetween(layout: Layout, top: number, bottom: number): [number, number][] {
  return layout.blocks.flatMap((block) => {
    const lines = (y: number) => Math.floor((y - block.y - HEADER) / layout.pitch);
    const from = Math.max(0, lines(top)) * layout.columns;
    const to = Math.min(block.count, (lines(bottom) + 1) * layout.columns);
    return from < to ? [[block.first + from, block.first + to] as [number, number]] : [];
  });
}

/** Where a key leads from a slot; null: the key is none of the board's. */
export function moved(layout: Layout, slot: number, key: string): number | null {
  const last = layout.order.length - 1;
  const to = (next: number) => Math.max(0, Math.min(last, next));
  switch (key) {
    case "ArrowRight":
      return to(slot + 1);
    case "ArrowLeft":
      return to(slot - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowDown":
    case "ArrowUp": {
      const { x, y } = place(layout, slot);
      const down = key === "ArrowDown";
      // From the last line of a block to the nearest cell of the next one, in the same column where it has one.
      for (let next = y + (down ? 1 : -1) * layout.pitch; next >= 0 && next < layout.height; next += (down ? 1 : -1) * (layout.pitch / 2)) {
        for (let column = x; column >= 0; column -= layout.pitch) {
          const found = slotAt(layout, column + 1, next + 1);
          if (found !== null && found !== slot && place(layout, found).y !== y) return found;
        }
      }
      return slot;
    }
    default:
      return null;
  }
}
