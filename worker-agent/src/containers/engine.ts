/** The Docker engine of this host. Nothing outside this folder opens its socket. */
import Docker from "dockerode";

export function openEngine(socketPath: string): Docker {
  return new Docker({ socketPath });
}

/** The HTTP status that the engine answered with; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** Whether the engine could not be reached, or went away in the middle: it may come back. */
export function isAway(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(code);
}

/** For lookups: what is not there is undefined. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
