/** The live feed: every event is a hint to read something again. */
import { signal } from "@preact/signals";
import type { FeedEvent } from "@roundhouse/protocol/events";
import { queryClient } from "../api/queries.ts";
import { loadSession } from "../api/session.ts";
import { openSocket, type LinkState } from "./socket.ts";

export const feedState = signal<LinkState>("connecting");

/** Hints that come close together cause one read. */
const GATHER_MS = 60;
const POLL_WHILE_LOST_MS = 5_000;

/** Answers how to stop. */
export function followFeed(): () => void {
  const changed = new Set<string>();
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let reconnected = false;

  const readAgain = (): void => {
    gathering = undefined;
    for (const entity of changed) void queryClient.invalidateQueries({ queryKey: [entity] });
    changed.clear();
  };
  const close = openSocket({
    path: () => "/api/events",
    onState: (state) => {
      // What happened while the socket was away is not known: read everything again.
      if (state === "live" && reconnected) void queryClient.invalidateQueries();
      if (state === "reconnecting") reconnected = true;
      feedState.value = state;
    },
    onText: (text) => {
      const event = parseEvent(text);
      if (event?.type !== "feed.changed") return;
      changed.add(event.entity);
      gathering ??= setTimeout(readAgain, GATHER_MS);
    },
  });
  const polling = setInterval(() => {
    if (feedState.value !== "reconnecting") return;
    void loadSession();
    void queryClient.invalidateQueries();
  }, POLL_WHILE_LOST_MS);
  return () => {
    clearTimeout(gathering);
    clearInterval(polling);
    close();
  };
}

function parseEvent(text: string): FeedEvent | undefined {
  try {
    return JSON.parse(text) as FeedEvent;
  } catch (error) {
    console.warn("a feed event could not be read", error);
    return undefined;
  }
}
