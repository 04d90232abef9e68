/** A field's value as text in a control, and back as the API takes it. */
import { readPorts, writePorts } from "./declared-ports.ts";
import type { Field, Values } from "./edits.ts";

export function writeField(field: Field, value: Values[Field]): string {
  if (field === "ports") return writePorts(value as Values["ports"]);
  return typeof value === "object" ? "" : String(value);
}

/** An empty text is no value, except for a name, which the API refuses with its reason. */
export function readField(field: Field, text: string): Values[Field] {
  const trimmed = text.trim();
  if (field === "ports") return readPorts(trimmed);
  if (field === "port") return trimmed === "" ? null : Number(trimmed);
  return trimmed === "" && field !== "name" ? null : trimmed;
}
