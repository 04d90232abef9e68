/** The samples of nodes, each followed once however many places show them, and only while one does. */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { NodeStats } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { call } from "../api/call.ts";
import { type LinkState, openSocket } from "../live/socket.ts";
import { mergeSamples } from "./history.ts";

type Followed = {
  samples: Signal<readonly Stats[]>;
  link: Signal<LinkState>;
  watchers: number;
  close: () => void;
};
export type LiveStats = { samples: readonly Stats[]; link: LinkState };

/** Somebody who runs down the table with the arrow keys wants no socket for every node on the way. */
const SETTLE_MS = 150;
const NOTHING: LiveStats = { samples: [], link: "connecting" };
const followed = new Map<string, Followed>();

/** The last hour of a node and what follows, while `isWatched`. */
export function useSamples(nodeId: string, isWatched: boolean): LiveStats {
  const [node, setNode] = useState<{ id: string; live: Followed }>();
  useEffect(() => {
    if (!isWatched) return undefined;
    const live = watch(nodeId);
    setNode({ id: nodeId, live });
    return () => unwatch(nodeId, live);
  }, [nodeId, isWatched]);
  if (node?.id !== nodeId) return NOTHING;
  return { samples: node.live.samples.value, link: node.live.link.value };
}

function watch(nodeId: string): Followed {
  const live = followed.get(nodeId) ?? follow(nodeId);
  followed.set(nodeId, live);
  live.watchers += 1;
  return live;
}

function unwatch(nodeId: string, live: Followed): void {
  live.watchers -= 1;
  if (live.watchers > 0) return;
  live.close();
  followed.delete(nodeId);
}

function follow(nodeId: string): Followed {
  const samples = signal<readonly Stats[]>([]);
  const link = signal<LinkState>("connecting");
  const readHour = (): void => {
    call<NodeStats>("GET", `/api/nodes/${nodeId}/stats`)
      .then(({ items }) => (samples.value = mergeSamples(items, samples.peek())))
      .catch((error: unknown) =>
        console.warn("the last hour could not be read; it is asked for with the next link", error),
      );
  };
  let close: (() => void) | undefined;
  const settled = setTimeout(() => {
    close = openSocket({
      path: () => `/api/nodes/${nodeId}/stats`,
      onState: (state) => (link.value = state),
      // Each time anew: what was missed while the link was cut is in it.
      onOpen: readHour,
      onText: (text) => {
        const sample = parseSample(text);
        if (sample) samples.value = mergeSamples(samples.peek(), [sample]);
      },
    });
  }, SETTLE_MS);
  return {
    ...{ samples, link, watchers: 0 },
    close: () => {
      clearTimeout(settled);
      close?.();
    },
  };
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
