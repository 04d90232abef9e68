/** Tells listeners what changed, a moment later and only once. */
import type { ObservedInstance, UnknownInstance } from "@roundhouse/protocol/instance";

export type Change = {
  instances: ObservedInstance[];
  /** Tombstones that are done. */
  gone: string[];
  /** All of them, every time: those that are on disk and that the control plane does not mention. */
  unknown: UnknownInstance[];
};

export type Reporter = {
  touch(id: string): void;
  gone(id: string): void;
  onChange(listener: (change: Change) => void): () => void;
  stop(): void;
};

const COALESCE_MS = 50;

export function createReporter(source: {
  observed(id: string): ObservedInstance | undefined;
  unknown(): UnknownInstance[];
}): Reporter {
  const listeners = new Set<(change: Change) => void>();
  const sent = new Map<string, string>();
  const touched = new Set<string>();
  const gone = new Set<string>();
  let sentUnknown = "[]";
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    const instances = [...touched].flatMap((id) => {
      const observed = source.observed(id);
      const key = observed && significant(observed);
      if (!observed || sent.get(id) === key) return [];
      sent.set(id, key ?? "");
      return [observed];
    });
    const change: Change = { instances, gone: [...gone], unknown: source.unknown() };
    for (const id of gone) sent.delete(id);
    touched.clear();
    gone.clear();
    const unknownNow = JSON.stringify(change.unknown);
    if (instances.length === 0 && change.gone.length === 0 && unknownNow === sentUnknown) return;
    sentUnknown = unknownNow;
    for (const listener of listeners) listener(change);
  }

  function schedule(): void {
    timer ??= setTimeout(flush, COALESCE_MS);
  }

  return {
    touch: (id) => {
      touched.add(id);
      schedule();
    },
    gone: (id) => {
      gone.add(id);
      schedule();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => clearTimeout(timer),
  };
}

/** A node at rest says nothing: the size of its folders is news only when it changed by some per cent, or while installing. */
function significant(observed: ObservedInstance): string {
  if (observed.status === "installing") return JSON.stringify(observed);
  const { diskBytes } = observed;
  return JSON.stringify({ ...observed, diskBytes: diskBytes === null ? null : diskBytes.toPrecision(2) });
}
