/** The control plane's picture of this node, kept true: told with each hello, and later when something lasting changes. */
import type { Facts, Hosting } from "@roundhouse/protocol/facts";

/** The disk is looked at this often, everything else (a GPU falls off) every 5 min. */
const LOOK_INTERVAL_MS = 10_000;
const LOOKS_PER_READING = 30;

export type ToldFacts = {
  /** For a hello, which tells them. */
  read(): Promise<Facts>;
  stop(): void;
};

export function createToldFacts(options: {
  readFacts: () => Promise<Facts>;
  /** Cheap, while facts may take seconds. */
  readMode: () => Promise<Hosting["mode"]>;
  tell: (facts: Facts) => void;
  /** It is another one than before; at first all is well. */
  onMode: (mode: Hosting["mode"]) => void;
  onError: (error: unknown) => void;
  /** After every look. */
  onLook: () => Promise<void>;
}): ToldFacts {
  const { readFacts, readMode, tell, onMode, onError, onLook } = options;
  let told = "";
  let mode: string | undefined = JSON.stringify({ mode: "full" });
  let looks = 0;

  async function readNow(): Promise<Facts> {
    const facts = await readFacts();
    const now = JSON.stringify(facts.hosting?.mode);
    if (facts.hosting && now !== mode) onMode(facts.hosting.mode);
    mode = now;
    return facts;
  }

  async function look(): Promise<void> {
    looks += 1;
    await onLook();
    const isOtherMode = JSON.stringify(await readMode()) !== mode;
    if (!isOtherMode && looks % LOOKS_PER_READING !== 0) return;
    const facts = await readNow();
    // An idle node is silent, so that its hub can sleep.
    if (lasting(facts) !== told) tell(facts);
    told = lasting(facts);
  }

  const timer = setInterval(() => void look().catch(onError), LOOK_INTERVAL_MS);
  return {
    read: async () => {
      const facts = await readNow();
      told = lasting(facts);
      return facts;
    },
    stop: () => clearInterval(timer),
  };
}

/** What of the facts is worth a message: free space changes all the time, and the stats tell it anyway. */
function lasting(facts: Facts): string {
  return JSON.stringify({ ...facts, disk: { ...facts.disk, freeBytes: 0 } });
}
