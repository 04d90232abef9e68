/** Calls to other objects that must go through: tried a few times, since an object may be restarting just now. */
const ATTEMPTS = 3;

/** The last error, or undefined once a call went through. */
export async function attempt(call: () => Promise<void>): Promise<unknown> {
  let failure: unknown;
  for (let count = 0; count < ATTEMPTS; count += 1) {
    try {
      await call();
      return undefined;
    } catch (error) {
      failure = error;
    }
  }
  return failure;
}
