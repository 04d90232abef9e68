/** The kinds of blueprint that are written in the dashboard. */
import type { BlueprintKind } from "@roundhouse/protocol/instance";

export type WrittenKind = Extract<BlueprintKind, "bash" | "container">;

export function isWritten(kind: BlueprintKind): kind is WrittenKind {
  return kind === "bash" || kind === "container";
}

export function kindOfFile(name: string): WrittenKind {
  return /\.ya?ml$/i.test(name) ? "container" : "bash";
}
