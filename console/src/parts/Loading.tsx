// What stands while something is read: as high as what will come, so that nothing jumps. Short waits show nothing at all.
import { useTranslation } from "react-i18next";

/** `lines`: about how many lines will come. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="loading">
      <span className="unseen">{t("shell.loading")}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="loading-line" aria-hidden style={{ width: `${95 - ((line * 37) % 40)}%` }} />
      ))}
    </div>
  );
}
