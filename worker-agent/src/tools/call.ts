/** What the rooms of the tools pass to each other: a call that may be run, and the output of one that was. */
import type { NativeToolName } from "@roundhouse/protocol/tools";
import type { LogPart } from "../instances/log.ts";

/** Checked against its schema and the policy; arguments have their defaults. */
export type Admitted = { id: string; tool: NativeToolName; arguments: Record<string, unknown>; digest: string };

/** A tool's own words for what it found. `more` is of what is too long for one answer. */
export type Found = { ok: boolean; content: string; more?: { size: number; next: number } };

/** Reads at most `maxBytes` of an output from `offset`. */
export type ReadOutput = (offset: number, maxBytes: number) => Promise<LogPart>;

/** Why a tool could not do what was asked; the message is for the model. */
export class ToolProblem extends Error {}
