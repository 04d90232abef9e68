/** A node's samples while its card is in sight. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import { type LiveStats, useSamples } from "../stats/samples.ts";

export function useLiveStats(node: Node, card: RefObject<HTMLElement>): LiveStats {
  return useSamples(node.id, useInSight(card) && node.status === "online");
}

/** A card that is scrolled away watches nothing: an unwatched node's object can sleep. */
function useInSight(element: RefObject<HTMLElement>): boolean {
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setInSight(entries.at(-1)?.isIntersecting ?? false));
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return inSight;
}
