// A sheet over the page that keeps the keyboard to itself: the browser's own dialog.
import { useEffect, useRef, type ReactNode } from "react";

/** `cancel`: called on Escape; without it the dialog stays until whoever opened it takes it away. */
export function Dialog({ title, cancel, children }: { title: string; cancel?: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        cancel?.();
      }}
      // A second Escape would close it in spite of the first one's refusal.
      onKeyDown={(event) => event.key === "Escape" && !cancel && event.preventDefault()}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
