/** Has containers that nobody holds removed, now and then, by the program that may talk to the engine. */
import { engineSocket, readDocker } from "../host/docker.ts";
import { runProgram } from "../host/programs.ts";

const INTERVAL_MS = 60_000;
const LIMIT_MS = 60_000;
/** What an earlier agent left is old enough by then (sweep.ts). A node that has had no container since has none to sweep. */
const FIRST_ROUNDS = 3;

export type SweeperOptions = {
  program: () => Promise<string>;
  /** Whose containers; the label that they bear. */
  root: string;
  /** The instances that something runs of. */
  held: () => readonly string[];
  /** Whether any instance of the node is a container now. */
  hasContainers: () => Promise<boolean>;
  log: (line: string) => void;
};

/** Once nothing of a data root runs any more: the engine is left as it was before. */
export async function clearContainers({
  program,
  root,
  log,
}: Omit<SweeperOptions, "held" | "hasContainers">): Promise<void> {
  if (!(await readDocker()).available) return;
  const args = [await program(), "clear", engineSocket(), root];
  const result = await runProgram(process.execPath, args, { env: pathOnly(), limitMs: LIMIT_MS });
  if (result.kind === "ended" && result.code !== 0) log(`containers: ${result.stderr.trim()}`);
}

/** The firewall's program is looked for there. */
function pathOnly(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin" };
}

/** Begins at once; `stop` ends it. */
export function keepSweeping({ program, root, held, hasContainers, log }: SweeperOptions): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let rounds = 0;
  let hadContainers = false;
  async function once(): Promise<void> {
    rounds += 1;
    hadContainers ||= await hasContainers();
    const isDue = hadContainers || rounds <= FIRST_ROUNDS;
    if (!isDue || !(await readDocker()).available) return;
    const args = [await program(), "sweep", engineSocket(), root, ...held()];
    const result = await runProgram(process.execPath, args, { env: pathOnly(), limitMs: LIMIT_MS });
    if (result.kind === "ended" && result.code !== 0) log(`containers: ${result.stderr.trim()}`);
    if (result.kind === "ended" && result.stdout !== "0\n")
      log(`removed ${result.stdout.trim()} containers that nobody held`);
  }
  const loop = (): void => {
    once()
      .catch((error: unknown) => log(`containers: ${String(error)}`))
      .finally(() => {
        if (!isOver) timer = setTimeout(loop, INTERVAL_MS).unref();
      });
  };
  loop();
  return {
    stop: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
