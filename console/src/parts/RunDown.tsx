// A limit that runs down: the time left or over, in words and in a colour, to the second.
import { useEffect, useState } from "react";
import { clock, pressing } from "./limits";
import "./RunDown.css";

/** The time, ms since 1970, again every second. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** `since`: from when the limit runs. `left`, `over`: the words around the time. */
export function RunDown({ due, since, left, over }: { due: string; since: string; left: (time: string) => string; over: (time: string) => string }) {
  const now = useNow();
  const how = pressing(due, since, now);
  const time = clock(Date.parse(due) - now);
  return <span className={`timer timer-${how}`}>{how === "late" ? over(time) : left(time)}</span>;
}
