/** The refusal of who asks too often. */
import { ServiceError } from "./error.ts";

/** `freeAt` is when the next one may come; `hint` is told the whole seconds until then, as `Retry-After` is. */
export function tooManyRequests(
  message: string,
  { now, freeAt, hint }: { now: Date; freeAt: Date; hint: (seconds: number) => string },
): ServiceError {
  const seconds = Math.max(1, Math.ceil((freeAt.getTime() - now.getTime()) / 1000));
  return new ServiceError("too_many_requests", message, {
    hint: hint(seconds),
    details: { retryAfterSeconds: seconds },
  });
}
