// Clips that were fetched before they are needed, kept by their content: the next item's clip begins at once.
import type { EvidenceFile } from "../../api/client";

const MOST = 4;
const ready = new Map<string, string>();
const coming = new Set<string>();

/** Where a clip plays from: what was fetched before, else the service; null: it may not be seen. */
export function sourceOf(file: EvidenceFile): string | null {
  return ready.get(file.sha256) ?? file.url;
}

/** Fetch a clip that will be wanted soon. One that cannot be had now is asked for again when it plays. */
export async function prepare(file: EvidenceFile): Promise<void> {
  if (!file.url || ready.has(file.sha256) || coming.has(file.sha256)) return;
  coming.add(file.sha256);
  try {
    const answer = await fetch(file.url);
    if (!answer.ok) return;
    ready.set(file.sha256, URL.createObjectURL(await answer.blob()));
    for (const [oldest, address] of ready) {
      if (ready.size <= MOST) break;
      ready.delete(oldest);
      URL.revokeObjectURL(address);
    }
  } catch {
    // The network is away; the page says so by itself.
  } finally {
    coming.delete(file.sha256);
  }
}
