/** A field's value as a person reads it. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Field, Values } from "./edits.ts";

export function textOf(field: Field, value: Values[Field] | undefined, node: Node | undefined): string {
  if (Array.isArray(value)) return value.length === 0 ? "all" : value.map((id) => gpuText(id, node)).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null || value === undefined) return field === "port" ? "auto" : "default";
  return String(value);
}

function gpuText(id: string, node: Node | undefined): string {
  const gpu = node?.gpus.find((one) => one.id === id || String(one.index) === id);
  return gpu === undefined ? id : `${gpu.index} ${gpu.name}`;
}
