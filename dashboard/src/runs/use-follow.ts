/** Keeps the end of something that grows in sight, as long as somebody has it in sight. */
import { useEffect, useRef } from "preact/hooks";

/** How far below the window the end still counts as in sight, in px. */
const REACH = "0px 0px 160px";

/** Answers the ref of an element at the end. `size` grows with the content. */
export function useFollow(size: number) {
  const end = useRef<HTMLDivElement>(null);
  const isInSight = useRef(false);
  const before = useRef(0);
  useEffect(() => {
    if (end.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => (isInSight.current = entry?.isIntersecting ?? false), {
      rootMargin: REACH,
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // What is there at first is read from its top.
    if (isInSight.current && before.current > 0) end.current?.scrollIntoView({ block: "nearest" });
    before.current = size;
  }, [size]);
  return end;
}
