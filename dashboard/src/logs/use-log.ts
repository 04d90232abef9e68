/** One log while it is shown: its lines, the link to it, and what is searched for in it. */
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import type { LinkState } from "../live/socket.ts";
import { LogBuffer } from "./buffer.ts";
import { LogSearch, type Match } from "./search.ts";
import { followLog } from "./stream.ts";

const SETTLE_MS = 120;

type LiveLog = { buffer: LogBuffer; /** Grows when the buffer changed. */ version: number; link: LinkState };

export function useLiveLog(path: string): LiveLog {
  const buffer = useMemo(() => new LogBuffer(), [path]);
  const [version, changed] = useReducer<number, void>((count) => count + 1, 0);
  const [link, setLink] = useState<LinkState>("connecting");
  useEffect(() => {
    let stop: (() => void) | undefined;
    // Somebody who runs down the table with the arrow keys wants no socket for every row on the way.
    const settled = setTimeout(() => {
      stop = followLog(path, buffer, { onState: setLink, onChange: () => changed() });
    }, SETTLE_MS);
    return () => {
      clearTimeout(settled);
      stop?.();
    };
  }, [path, buffer]);
  return { buffer, version, link };
}

export type LogFinder = {
  word: string;
  setWord: (word: string) => void;
  matches: readonly Match[];
  current: Match | undefined;
  /** Index of the current match, or -1. */
  position: number;
  move: (step: 1 | -1) => void;
};

export function useLogFinder({ buffer, version }: LiveLog): LogFinder {
  const [word, setWord] = useState("");
  const [current, setCurrent] = useState<Match>();
  const search = useMemo(() => new LogSearch(word), [word, buffer]);
  const matches = useMemo(() => {
    search.sync(buffer);
    return search.matches;
  }, [search, buffer, version]);
  // The chosen match is kept, not its number: numbers shift when the oldest lines go.
  const position = current === undefined ? -1 : matches.indexOf(current);
  return {
    word,
    matches,
    current,
    position,
    setWord: (next) => {
      setWord(next);
      setCurrent(undefined);
    },
    move: (step) => {
      if (matches.length === 0) return;
      const from = position < 0 ? (step > 0 ? -1 : 0) : position;
      setCurrent(matches[(from + step + matches.length) % matches.length]);
    },
  };
}
