// Stands behind every page of a department: sounds when an alert is new, shows the count, sends what waits.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import { addWords } from "../../i18n";
import * as words from "../../i18n/inbox";
import { useMe } from "../../shell/me";
import { inbox, type Matter } from "./api";
import { queue } from "./given";
import { allowSound, isMuted, sound } from "./sound";

addWords("inbox", words);

const AGAIN_MS = 30_000;
const SEND_EVERY_MS = 10_000;

export default function Keeper() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const me = useMe();
  const queries = useQueryClient();
  const counts = useQuery({ queryKey: ["inbox", "counts"], queryFn: inbox.counts });
  const list = useQuery({ queryKey: ["inbox", "newest"], queryFn: async () => (await inbox.list()).items });
  const unseen = counts.data?.unseen ?? 0;

  useEffect(allowSound, []);
  useSending(me.name, () => void queries.invalidateQueries({ queryKey: ["inbox"] }));
  useCount(unseen);
  useAlarm(list.data, (fresh) => {
    if (!isMuted()) sound();
    announce(t("inbox.fresh"), fresh.map((one) => `${t(`kinds.${one.kind}`, one.kind)} ${one.spot.place ?? one.spot.name}`).join("; "), fresh[0]?.alert ?? "", language);
  });
  return (
    <span className="unseen" role="status">
      {unseen > 0 && t("inbox.unseenCount", { count: unseen })}
    </span>
  );
}

function useSending(who: string, done: () => void): void {
  const after = useRef(done);
  after.current = done;
  useEffect(() => {
    const send = () => {
      if (queue.now().length === 0) return;
      void queue.send(who).then(() => after.current());
    };
    void queue.open().then(send);
    const timer = setInterval(send, SEND_EVERY_MS);
    window.addEventListener("online", send);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", send);
    };
  }, [who]);
}

/** The count in the title of the tab and, where the console is installed, on its icon. */
function useCount(unseen: number): void {
  useEffect(() => {
    const plain = () => document.title.replace(/^\(\d+\) /, "");
    const put = () => {
      const wanted = unseen > 0 ? `(${unseen}) ${plain()}` : plain();
      if (document.title !== wanted) document.title = wanted;
    };
    put();
    // The frame writes the title of each page anew.
    const title = document.querySelector("title");
    const watcher = new MutationObserver(put);
    if (title) watcher.observe(title, { childList: true, characterData: true, subtree: true });
    const badge = unseen > 0 ? navigator.setAppBadge?.(unseen) : navigator.clearAppBadge?.();
    void badge?.catch(() => undefined);
    return () => watcher.disconnect();
  }, [unseen]);
}

/** Calls `ring` for what nobody has seen: at once when it comes, then every half minute until somebody opens it. */
function useAlarm(matters: Matter[] | undefined, ring: (fresh: Matter[]) => void): void {
  const rung = useRef(new Map<string, number>());
  const latest = useRef(ring);
  latest.current = ring;
  useEffect(() => {
    const look = () => {
      const now = Date.now();
      const unseen = (matters ?? []).filter((one) => one.state === "told" && one.closed_at === null);
      const due = unseen.filter((one) => now - (rung.current.get(one.alert) ?? 0) >= AGAIN_MS);
      if (due.length === 0) return;
      for (const one of due) rung.current.set(one.alert, now);
      latest.current(due);
    };
    look();
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [matters]);
}

/** A notice of the telephone's own, where the person has allowed it and is not looking at the page. */
function announce(title: string, body: string, tag: string, lang: string): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted" || document.visibilityState === "visible") return;
  void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(title, { body, tag, lang, icon: "/icon-192.png" })).catch(() => undefined);
}
