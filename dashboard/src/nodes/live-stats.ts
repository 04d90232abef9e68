/** A node's samples while somebody looks: the last hour once, then one every two seconds. */
import { useQuery } from "@tanstack/preact-query";
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { nodeHistoryQuery } from "../api/queries.ts";
import { openSocket, type LinkState } from "../live/socket.ts";
import { mergeSamples } from "./history.ts";

type LiveStats = { samples: readonly Stats[]; link: LinkState };

export function useLiveStats(node: Node, card: RefObject<HTMLElement>): LiveStats {
  const inSight = useInSight(card);
  const watched = inSight && node.status === "online";
  const history = useQuery({ ...nodeHistoryQuery(node.id), enabled: watched });
  const [samples, setSamples] = useState<readonly Stats[]>([]);
  const [link, setLink] = useState<LinkState>("connecting");

  useEffect(() => {
    const fetched = history.data?.items;
    if (fetched) setSamples((known) => mergeSamples(fetched, known));
  }, [history.data]);
  useEffect(() => {
    if (!watched) return undefined;
    return openSocket({
      path: () => `/api/nodes/${node.id}/stats`,
      onState: setLink,
      onText: (text) => {
        const sample = parseSample(text);
        if (sample) setSamples((known) => mergeSamples(known, [sample]));
      },
    });
  }, [node.id, watched]);
  return { samples, link };
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

function parseSample(text: string): Stats | undefined {
  try {
    const sample = JSON.parse(text) as Partial<Stats>;
    return typeof sample.at === "string" && typeof sample.cpuPercent === "number" ? (sample as Stats) : undefined;
  } catch (error) {
    console.warn("a sample could not be read", error);
    return undefined;
  }
}
