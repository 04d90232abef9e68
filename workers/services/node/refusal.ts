/** A refusal of a node's own services, as one of ours. */
import { ErrorBody } from "@roundhouse/protocol/errors";
import { parseJson } from "@roundhouse/protocol/json";
import { ServiceError } from "../error.ts";

const MAX_REFUSAL_CHARACTERS = 16 * 1024;

/** The node's words, in the one shape of errors; what is not in that shape is not repeated. */
export function refusalOf(status: number, text: string): ServiceError {
  const parsed = ErrorBody.safeParse(parseJson(text.slice(0, MAX_REFUSAL_CHARACTERS)));
  if (!parsed.success)
    return new ServiceError("internal", `The node answered ${status}.`, { hint: "Look at its agent's log." });
  const { code, message, hint, details } = parsed.data.error;
  return new ServiceError(code, message, { hint, details });
}
