/** Brings an image onto the node, telling how far it is. */
import type Docker from "dockerode";
import { unlessMissing } from "./engine.ts";

/** What a person is to read of an image that is not to be had. */
export class CannotPull extends Error {}

export type RegistryLogin = { username: string; password: string };

const TELL_EVERY_MS = 2_000;
const MIB = 1024 ** 2;

type Layer = { currentBytes: number; totalBytes: number; isDone: boolean };
type PullEvent = {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
};

export async function hasImage(engine: Docker, image: string): Promise<boolean> {
  return (await unlessMissing(engine.getImage(image).inspect())) !== undefined;
}

/** `tell` gets a line now and then. Throws `CannotPull`. */
export async function pullImage(
  engine: Docker,
  image: string,
  login: RegistryLogin | undefined,
  tell: (line: string) => void,
): Promise<void> {
  tell(`pulling ${image}`);
  const layers = new Map<string, Layer>();
  let toldAtMs = Date.now();
  const stream = await engine.pull(image, login ? { authconfig: login } : {}).catch((error: unknown) => {
    throw cannotPull(image, error);
  });
  await new Promise<void>((done, fail) => {
    engine.modem.followProgress(
      stream,
      (error) => (error ? fail(cannotPull(image, error)) : done()),
      (event: PullEvent) => {
        noteEvent(layers, event);
        if (Date.now() - toldAtMs < TELL_EVERY_MS) return;
        toldAtMs = Date.now();
        tell(describeLayers(image, layers));
      },
    );
  });
  tell(`pulled ${image}`);
}

function noteEvent(layers: Map<string, Layer>, { id, status, progressDetail }: PullEvent): void {
  if (id === undefined || status === undefined) return;
  const before = layers.get(id) ?? { currentBytes: 0, totalBytes: 0, isDone: false };
  if (status === "Pulling fs layer") layers.set(id, before);
  if (status === "Downloading") {
    const { current = before.currentBytes, total = before.totalBytes } = progressDetail ?? {};
    layers.set(id, { currentBytes: current, totalBytes: total, isDone: false });
  }
  if (status === "Pull complete" || status === "Already exists") layers.set(id, { ...before, isDone: true });
}

function describeLayers(image: string, layers: ReadonlyMap<string, Layer>): string {
  const all = [...layers.values()];
  const done = all.filter((one) => one.isDone).length;
  const inMib = (read: (one: Layer) => number) => (all.reduce((sum, one) => sum + read(one), 0) / MIB).toFixed(1);
  const sizes = `${inMib((one) => one.currentBytes)} of ${inMib((one) => one.totalBytes)} MiB`;
  return `pulling ${image}: ${done} of ${all.length} layers, ${sizes}`;
}

function cannotPull(image: string, error: unknown): CannotPull {
  const message = error instanceof Error ? error.message : String(error);
  return new CannotPull(`the image ${image} could not be pulled: ${message}`, { cause: error });
}
