// One labelled field of a dialog. What is wrong with it stands in the place of its hint, so that nothing jumps.
import { useId, type ReactNode } from "react";

interface Told {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

export function Line({ label, hint, wrong, children }: { label: string; hint: string; wrong: string | undefined; children: (told: Told) => ReactNode }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-said`, "aria-invalid": wrong !== undefined })}
      <small id={`${id}-said`} role={wrong ? "alert" : undefined} className={wrong ? "export-error" : "muted"}>
        {wrong ?? hint}
      </small>
    </>
  );
}
