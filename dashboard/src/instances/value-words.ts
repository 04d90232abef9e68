/** A field's value as a person reads it. */
import type { Node } from "@roundhouse/protocol/api/node";
import { writePorts } from "./declared-ports.ts";
import type { Field, Values } from "./edits.ts";

const ABSENT: Readonly<Partial<Record<Field, string>>> = { port: "auto", hostname: "none" };

export function textOf(field: Field, value: Values[Field] | undefined, node: Node | undefined): string {
  if (value === null || value === undefined) return ABSENT[field] ?? "default";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return String(value);
  if (field === "ports") return writePorts(value as Values["ports"]) || "none";
  if (field === "env") return (value as Values["env"]).map(({ name }) => name).join(", ") || "none";
  return gpusText(value as string[], node);
}

function gpusText(ids: readonly string[], node: Node | undefined): string {
  return ids.length === 0 ? "all" : ids.map((id) => gpuText(id, node)).join(", ");
}

function gpuText(id: string, node: Node | undefined): string {
  const gpu = node?.gpus.find((one) => one.id === id || String(one.index) === id);
  return gpu === undefined ? id : `${gpu.index} ${gpu.name}`;
}
