/** Checks what a tool is called with, in the words that the HTTP API has for wrong input. */
import type * as z from "zod";
import { invalidInput } from "../api/validation.ts";

/** Throws `invalid_input`. */
export function checkArguments<In extends z.ZodType>(schema: In, given: unknown): z.output<In> {
  const checked = schema.safeParse(given ?? {});
  if (checked.success) return checked.data;
  const hint = "Correct the arguments; the tool's inputSchema describes each of them.";
  throw invalidInput(checked.error.issues, given, hint);
}
