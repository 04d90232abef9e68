/** Which rows are in sight, or nearly: only these show more than their name. Laying out 500 rows of 15 cells is dear. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** A few screens of rows above and below: who scrolls sees them whole. */
const MARGIN = "900px 0px";

type Watcher = { observe: (row: Element, onChange: (near: boolean) => void) => () => void };

const watchers = new WeakMap<Element, Watcher>();

/** `assumed` holds until the browser has looked. */
export function useNear(assumed: boolean): { row: RefObject<HTMLTableRowElement>; near: boolean } {
  const row = useRef<HTMLTableRowElement>(null);
  const [near, setNear] = useState(assumed);
  useEffect(() => {
    const element = row.current;
    if (!element) return undefined;
    return watcherOf(scrollerOf(element)).observe(element, setNear);
  }, []);
  return { row, near };
}

function watcherOf(scroller: Element): Watcher {
  const known = watchers.get(scroller);
  if (known) return known;
  const listeners = new Map<Element, (near: boolean) => void>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
    },
    { root: scroller, rootMargin: MARGIN },
  );
  const watcher: Watcher = {
    observe: (row, onChange) => {
      listeners.set(row, onChange);
      observer.observe(row);
      return () => {
        listeners.delete(row);
        observer.unobserve(row);
      };
    },
  };
  watchers.set(scroller, watcher);
  return watcher;
}

/** The element that the rows scroll in. */
function scrollerOf(element: Element): Element {
  for (let above = element.parentElement; above; above = above.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(above).overflowY)) return above;
  }
  return document.documentElement;
}
