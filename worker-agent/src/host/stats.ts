/** The node's own hour of samples, and a live view of them for as long as somebody looks. */
import type { Stats } from "@roundhouse/protocol/facts";

export type StatsRecorder = {
  /** Oldest first, `intervalMs` apart, at most `keepMs` old. */
  history(): Stats[];
  latest(): Stats | undefined;
  /** Every new sample until `signal` aborts, beginning with the latest; a slow reader misses some and gets the newest. */
  follow(signal: AbortSignal): AsyncIterable<Stats>;
  stop(): void;
};

/** 720 samples an hour: about 200 KB with eight GPUs. */
const DEFAULT_INTERVAL_MS = 5_000;
const DEFAULT_FOLLOW_INTERVAL_MS = 2_000;
const DEFAULT_KEEP_MS = 60 * 60_000;

/** Starts at once. A sample that fails is reported to `onError` and left out. */
export function createStatsRecorder(options: {
  /** `isFollowed`: what is dear to measure is wanted, too. */
  readSample: (isFollowed: boolean) => Promise<Stats>;
  onError?: (error: unknown) => void;
  intervalMs?: number;
  followIntervalMs?: number;
  keepMs?: number;
  now?: () => number;
}): StatsRecorder {
  const { readSample, onError = () => undefined, intervalMs = DEFAULT_INTERVAL_MS, now = Date.now } = options;
  const { followIntervalMs = DEFAULT_FOLLOW_INTERVAL_MS, keepMs = DEFAULT_KEEP_MS } = options;
  const kept: { takenAt: number; stats: Stats }[] = [];
  const followers = new Set<Follower>();
  let latest: Stats | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isSampling = false;
  let isStopped = false;

  const record = (stats: Stats) => {
    latest = stats;
    const takenAt = now();
    const last = kept.at(-1);
    if (!last || takenAt - last.takenAt >= intervalMs) kept.push({ takenAt, stats: withoutInstances(stats) });
    while (kept[0] && kept[0].takenAt <= takenAt - keepMs) kept.shift();
    for (const follower of followers) follower.offer(stats);
  };
  const sample = async () => {
    isSampling = true;
    await readSample(followers.size > 0).then(record, onError);
    isSampling = false;
    schedule();
  };
  /** The next sample is due one pace after the last one ended, so that a slow GPU tool never overlaps itself. */
  const schedule = () => {
    clearTimeout(timer);
    if (isStopped || isSampling) return;
    timer = setTimeout(sample, followers.size > 0 ? followIntervalMs : intervalMs);
    timer.unref();
  };
  void sample();

  return {
    history: () => kept.map((one) => one.stats),
    latest: () => latest,
    async *follow(signal) {
      const follower = createFollower(signal);
      followers.add(follower);
      if (latest) follower.offer(latest);
      schedule();
      try {
        yield* follower.samples();
      } finally {
        followers.delete(follower);
        schedule();
      }
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      for (const follower of followers) follower.end();
    },
  };
}

function withoutInstances(stats: Stats): Stats {
  const host = { ...stats };
  delete host.instances;
  return host;
}

type Follower = { offer(stats: Stats): void; end(): void; samples(): AsyncGenerator<Stats> };

function createFollower(signal: AbortSignal): Follower {
  let pending: Stats | undefined;
  let isEnded = signal.aborted;
  let wake = () => {};
  const end = () => {
    isEnded = true;
    wake();
  };
  signal.addEventListener("abort", end, { once: true });
  return {
    offer(stats) {
      pending = stats;
      wake();
    },
    end,
    async *samples() {
      while (!isEnded) {
        if (!pending) await new Promise<void>((resume) => (wake = resume));
        const next = pending;
        pending = undefined;
        if (next && !isEnded) yield next;
      }
    },
  };
}
