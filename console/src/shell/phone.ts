// Whether the screen is a phone's: there the navigation stands below, and the bar has room for less. The same width as in style.css.
import { useSyncExternalStore } from "react";

const small = window.matchMedia("(max-width: 720px)");

function watch(watcher: () => void): () => void {
  small.addEventListener("change", watcher);
  return () => small.removeEventListener("change", watcher);
}

export function usePhone(): boolean {
  return useSyncExternalStore(watch, () => small.matches);
}
