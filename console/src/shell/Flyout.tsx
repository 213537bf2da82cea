// A button of the frame that opens a small sheet: closed by Escape, by a click elsewhere, by choosing something, by moving on with Tab.
import { useEffect, useRef, useState, type ReactNode } from "react";

/** `label`: what a screen reader says for the button; `face`: what stands on it; `children`: the sheet, a function of "close it". */
export function Flyout({ label, face, className = "bar-button", children }: { label: string; face: ReactNode; className?: string; children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => !whole.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      ref={whole}
      className="flyout"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
      onBlur={(event) => event.relatedTarget !== null && !whole.current?.contains(event.relatedTarget) && setOpen(false)}
    >
      <button ref={button} type="button" className={className} aria-label={label} title={label} aria-expanded={open} onClick={() => setOpen(!open)}>
        {face}
      </button>
      {open && <div className="flyout-sheet">{children(close)}</div>}
    </div>
  );
}
