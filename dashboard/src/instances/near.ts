/** Which rows are in sight, or nearly: only these show more than their name. Laying out 500 rows of 15 cells is dear. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { RowSlices } from "./row-slices.ts";

/** Some rows above and below: who scrolls sees them whole. */
const MARGIN = "112px 0px";

type OnChange = (near: boolean) => void;
type Watcher = { observe: (row: Element, assumed: boolean, onChange: OnChange) => () => void };

const watchers = new WeakMap<Element, Watcher>();

/** `assumed` holds until the browser has looked. */
export function useNear(assumed: boolean): { row: RefObject<HTMLTableRowElement>; near: boolean } {
  const row = useRef<HTMLTableRowElement>(null);
  const [near, setNear] = useState(assumed);
  useEffect(() => {
    const element = row.current;
    if (!element) return undefined;
    return watcherOf(scrollerOf(element)).observe(element, assumed, setNear);
  }, []);
  return { row, near };
}

function watcherOf(scroller: Element): Watcher {
  const known = watchers.get(scroller);
  if (known) return known;
  const slices = new RowSlices<Element>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        // What the filter hides is not laid out, so its cells cost nothing, and the next letter may bring it back.
        if (isHidden(entry)) slices.keep(entry.target);
        else slices.want(entry.target, entry.isIntersecting, distanceOf(entry));
      }
      slices.begin();
    },
    { root: scroller, rootMargin: MARGIN },
  );
  const watcher: Watcher = {
    observe: (row, assumed, onChange) => {
      slices.add(row, assumed, onChange);
      observer.observe(row);
      return () => {
        slices.remove(row);
        observer.unobserve(row);
      };
    },
  };
  watchers.set(scroller, watcher);
  return watcher;
}

function isHidden({ boundingClientRect: row }: IntersectionObserverEntry): boolean {
  return row.height === 0;
}

/** From the middle of what is in sight. */
function distanceOf({ boundingClientRect: row, rootBounds }: IntersectionObserverEntry): number {
  return rootBounds === null ? 0 : Math.abs(row.top + row.bottom - rootBounds.top - rootBounds.bottom) / 2;
}

/** The element that the rows scroll in. */
function scrollerOf(element: Element): Element {
  for (let above = element.parentElement; above; above = above.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(above).overflowY)) return above;
  }
  return document.documentElement;
}
