// What each key does on the review page. Pure: an event in, an action out; nothing while somebody types.
import { useEffect, useRef } from "react";

export type Action =
  | { do: "next" | "previous" | "play" | "confirm" | "dismiss" | "unclear" | "phones" | "help" | "undo" | "layers" | "slower" | "faster" | "batch" | "close" }
  | { do: "step"; frames: 1 | -1 }
  | { do: "reason"; digit: number };

const plain: Record<string, Action> = {
  j: { do: "next" },
  k: { do: "previous" },
  " ": { do: "play" },
  arrowleft: { do: "step", frames: -1 },
  arrowright: { do: "step", frames: 1 },
  c: { do: "confirm" },
  enter: { do: "confirm" },
  d: { do: "dismiss" },
  u: { do: "unclear" },
  p: { do: "phones" },
  z: { do: "undo" },
  l: { do: "layers" },
  "-": { do: "slower" },
  "=": { do: "faster" },
  "+": { do: "faster" },
  b: { do: "batch" },
  "?": { do: "help" },
  escape: { do: "close" },
};

const typing = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true], [role=combobox]";
/** On these, Enter and Space mean the thing itself. */
const pressing = "button, a[href], summary, input, [role=button], [role=radio], [role=tab], video";

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  target: EventTarget | null;
}

/** What a key asks for; null: nothing of ours. */
export function actionOf(event: Pressed): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const at = event.target instanceof Element ? event.target : null;
  const key = event.key.toLowerCase();
  if (at?.closest(typing)) return key === "escape" ? { do: "close" } : null;
  if ((key === "enter" || key === " ") && at?.closest(pressing)) return null;
  if (/^[1-9]$/.test(key)) return { do: "reason", digit: Number(key) };
  return plain[key] ?? null;
}

/** Hear keys anywhere on the page, also when nothing has the focus. `quiet`: a dialog is open, which has keys of its own. */
export function useKeys(act: (action: Action) => void, quiet: boolean): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // Over the page may lie a dialog that is not the page's own, e.g. the order of a copy: its keys are its own, too.
      if (quiet || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const action = actionOf(event);
      if (action === null || (event.repeat && !["step", "next", "previous"].includes(action.do))) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [quiet]);
}
