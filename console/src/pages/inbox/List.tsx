// The department's matters, open ones first: what, where, how long still.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { inbox, type Matter } from "./api";
import { useQueued } from "./given";
import { awaited, standing } from "./standing";
import { Timer } from "./Timer";

export function List({ zone, chosen }: { zone: string; chosen: string | null }) {
  const { t } = useTranslation();
  const pages = useInfiniteQuery({
    queryKey: ["inbox", "list"],
    queryFn: ({ pageParam }) => inbox.list(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  // What was read before stays on the screen while the network is away.
  if (pages.error && !pages.data) return <Failed error={pages.error} again={() => void pages.refetch()} />;
  if (!pages.data) return <Loading lines={10} />;
  const matters = pages.data.pages.flatMap((page) => page.items);
  if (matters.length === 0) return <Empty title={t("inbox.none")} hint={t("inbox.noneHint")} />;
  const open = matters.filter((one) => one.closed_at === null);
  const closed = matters.filter((one) => one.closed_at !== null);
  return (
    <>
      <Part title={t("inbox.open", { count: open.length })} matters={open} zone={zone} chosen={chosen} />
      <Part title={t("inbox.closed")} matters={closed} zone={zone} chosen={chosen} />
      {pages.hasNextPage && (
        <button type="button" className="big-button quiet" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("inbox.more")}
        </button>
      )}
    </>
  );
}

function Part({ title, matters, zone, chosen }: { title: string; matters: Matter[]; zone: string; chosen: string | null }) {
  if (matters.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul className="matters">
        {matters.map((matter) => (
          <Line key={matter.incident} matter={matter} zone={zone} chosen={matter.alert === chosen} />
        ))}
      </ul>
    </section>
  );
}

function Line({ matter, zone, chosen }: { matter: Matter; zone: string; chosen: boolean }) {
  const { t } = useTranslation();
  const queued = useQueued();
  const { state, unsent, refused } = standing(matter, queued);
  const step = awaited(matter, state);
  return (
    <li>
      <Link to={`/inbox/${matter.alert}`} className={`matter ${state === "told" ? "matter-new" : ""}`} {...(chosen ? { "aria-current": "true" as const } : {})}>
        <span className="matter-top">
          <strong>{t(`kinds.${matter.kind}`, matter.kind)}</strong>
          {matter.role === "copy" && <span className="tag">{t("inbox.forInfo")}</span>}
          {matter.severity === "major" && <span className="tag tag-bad">{t("inbox.major")}</span>}
          <span className="matter-state">{t(`states.${state}`, state)}</span>
        </span>
        <span className="matter-place">{matter.spot.place ?? matter.spot.name}</span>
        <span className="matter-bottom">
          <span className="muted">{moment(matter.occurred_at, zone)}</span>
          {step && <Timer step={step.step} due={step.due} since={matter.opened_at} />}
          {unsent.length > 0 && <span className="tag tag-warn">{t("inbox.notYetSent")}</span>}
          {refused.length > 0 && <span className="tag tag-bad">{t("inbox.notTaken")}</span>}
        </span>
      </Link>
    </li>
  );
}
