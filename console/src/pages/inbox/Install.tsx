// Offers to put the console on the telephone's home screen, where the browser can.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

let offered: InstallPrompt | null = null;
// It comes once, when the page begins, and mostly before this part of the console is loaded.
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered = event as InstallPrompt;
});

export function Install() {
  const { t } = useTranslation();
  const [ready, setReady] = useState(offered !== null);
  useEffect(() => {
    const look = () => setReady(offered !== null);
    window.addEventListener("beforeinstallprompt", look);
    return () => window.removeEventListener("beforeinstallprompt", look);
  }, []);
  if (!ready) return null;
  return (
    <button type="button" className="small-button" onClick={() => void offered?.prompt().then(() => {
      offered = null;
      setReady(false);
    })}>
      {t("inbox.install")}
    </button>
  );
}
