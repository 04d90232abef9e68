/** Holds one container that is spoken to over its standard input and output, until either side ends. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { RUNS } from "./says.ts";
import { bringImage, type Holder, makeContainer, removeContainer, stopWhenTold } from "./hold.ts";

/** How long it gets to end by itself once nothing more comes. */
const END_GRACE_MS = 2_000;
/** Output that comes later after its end is not waited for. */
const DRAIN_LIMIT_MS = 1_000;

export type Piper = Omit<Holder, "stop"> & {
  input: Readable;
  /** Aborted from outside when it is to stop, and by the end of `input`. */
  stop: AbortController;
};

/** Answers its exit code. Throws what stood in the way of its start. The container is gone then, whatever happened. */
export async function pipeContainer({ input, stop, ...rest }: Piper): Promise<number> {
  const holder: Holder = { ...rest, stop: stop.signal };
  const { engine, output } = holder;
  // Nobody waits for an image that is not wanted any more: the engine may go on with it.
  await Promise.race([bringImage(holder), aborted(stop.signal)]);
  if (stop.signal.aborted) return 0;
  const container = await makeContainer(holder);
  try {
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    engine.modem.demuxStream(stream, output.stdout, output.stderr);
    const drained = new Promise<void>((done) => {
      for (const end of ["end", "close", "error"]) stream.once(end, () => done());
    });
    await container.start();
    holder.tell(RUNS);
    const stopping = stopWhenTold(container, holder);
    input.once("end", () => setTimeout(() => stop.abort(), END_GRACE_MS).unref());
    input.pipe(stream);
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    await stopping.done();
    await Promise.race([drained, sleep(DRAIN_LIMIT_MS)]);
    return StatusCode;
  } finally {
    await removeContainer(container);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
