/** Which changes of an instance need a new launch. */

/** An app reads these only when it is launched. */
export const RESTART_FIELDS = [
  "blueprint",
  "gpuIds",
  "port",
  "ports",
  "env",
  "outputPath",
  "pythonVersion",
  "cudaVersion",
  "torchVersion",
] as const;

/** Whether a running app must be launched anew for the change. Equal values are no change. */
export function needsRestart(instance: Record<string, unknown>, change: Record<string, unknown>): boolean {
  return RESTART_FIELDS.some(
    (field) => change[field] !== undefined && JSON.stringify(change[field]) !== JSON.stringify(instance[field]),
  );
}
