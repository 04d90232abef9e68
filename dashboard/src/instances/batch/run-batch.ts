/** Does one thing to several instances, one after another, and tells which refused. */
import { signal } from "@preact/signals";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { explain } from "../../api/errors.ts";

type Failure = { id: string; name: string; message: string };
export type BatchState = { what: string; done: number; of: number; failures: readonly Failure[] };

/** Of the last batch; null before the first, and after it was put away. */
export const batch = signal<BatchState | null>(null);

export function isBatchRunning(): boolean {
  return batch.value !== null && batch.value.done < batch.value.of;
}

export async function runBatch(
  what: string,
  instances: readonly Instance[],
  act: (instance: Instance) => Promise<unknown>,
): Promise<void> {
  let state: BatchState = { what, done: 0, of: instances.length, failures: [] };
  batch.value = state;
  for (const instance of instances) {
    const failure = await attempt(instance, act);
    const failures = failure === undefined ? state.failures : [...state.failures, failure];
    state = { ...state, done: state.done + 1, failures };
    batch.value = state;
  }
}

async function attempt(
  instance: Instance,
  act: (instance: Instance) => Promise<unknown>,
): Promise<Failure | undefined> {
  try {
    await act(instance);
    return undefined;
  } catch (error) {
    return { id: instance.id, name: instance.name, message: explain(error) };
  }
}
