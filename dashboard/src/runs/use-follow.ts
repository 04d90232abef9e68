/** Keeps the end of something that grows in sight, as long as somebody has it in sight. */
import { useEffect, useRef } from "preact/hooks";

/** How far below the window the end still counts as in sight, in px. */
const REACH = "0px 0px 160px";

/** Answers the ref of an element at the end. `size` grows with the content. */
export function useFollow(size: number) {
  const end = useRef<HTMLDivElement>(null);
  const isInSight = useRef(false);
  useEffect(() => {
    if (end.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => (isInSight.current = entry?.isIntersecting ?? false), {
      rootMargin: REACH,
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (isInSight.current) end.current?.scrollIntoView({ block: "nearest" });
  }, [size]);
  return end;
}
