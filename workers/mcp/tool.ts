/** What a tool is: who may call it, what it takes and answers, and how its change is told in the audit log. */
import type { Role } from "@roundhouse/protocol/api/common";
import type * as z from "zod";
import { auditActor } from "../services/audit/actor.ts";
import { recordAudit } from "../services/audit/record.ts";
import type { Context } from "../services/context.ts";
import { checkArguments } from "./arguments.ts";
import { type JsonSchema, schemaOfInput, schemaOfOutput } from "./json-schema.ts";

/** The call that a tool answers. */
export type Caller = {
  ctx: Context;
  /** The address it came from. */
  from: string;
  /** Aborted when the client went away. */
  signal: AbortSignal;
  /** Tells how far a long call is; silent where the client did not ask to be told. */
  progress(at: { done: number; total: number; message: string }): Promise<void>;
  /** Throws when its key is no longer good for the role: a long call asks now and then. */
  requireRole(role: Role): Promise<void>;
};

/** In the words that the REST route of the same change has. */
export type Change<Output> = {
  action: string;
  entity: string;
  told(output: Output): { id: string; name: string | null; detail?: string };
};

type Effect<Output> =
  | { effect: "reads" }
  | { effect: "changes"; change: Change<Output>; destructive: boolean; idempotent: boolean };

type Spec<In extends z.ZodObject, Out extends z.ZodObject> = Effect<z.output<Out>> & {
  name: string;
  title: string;
  description: string;
  role: Role;
  input: In;
  /** What it answers is cut to this: fields that are not named here stay inside. */
  output: Out;
  call(caller: Caller, input: z.output<In>): Promise<z.input<Out>>;
  /** What is still waited for once the change is made and recorded. */
  follow?(caller: Caller, input: z.output<In>, output: z.output<Out>): Promise<z.input<Out>>;
  /** For models: all that matters of the answer, with ids. */
  text(output: z.output<Out>): string;
};

export type Answer = { structured: Record<string, unknown>; text: string };

export type Tool = {
  name: string;
  role: Role;
  /** As `tools/list` shows it. */
  listed(): Listed;
  /** Throws a ServiceError. */
  answer(caller: Caller, given: unknown): Promise<Answer>;
};

type Listed = {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema: JsonSchema;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: boolean };
};

export function defineTool<In extends z.ZodObject, Out extends z.ZodObject>(spec: Spec<In, Out>): Tool {
  const { name, role } = spec;
  let listed: Listed | undefined;
  return {
    name,
    role,
    listed: () => (listed ??= list(spec)),
    answer: async (caller, given) => {
      const input = checkArguments(spec.input, given);
      let output = spec.output.parse(await spec.call(caller, input));
      if (spec.effect === "changes") await record(caller, spec.change, output);
      if (spec.follow) output = spec.output.parse(await spec.follow(caller, input, output));
      return { structured: output, text: spec.text(output) };
    },
  };
}

function list<In extends z.ZodObject, Out extends z.ZodObject>(spec: Spec<In, Out>): Listed {
  const { name, title, description } = spec;
  const reads = spec.effect === "reads";
  return {
    name,
    title,
    description: `${description} Needs the role ${spec.role}.`,
    inputSchema: schemaOfInput(spec.input),
    outputSchema: schemaOfOutput(spec.output),
    annotations: {
      readOnlyHint: reads,
      destructiveHint: !reads && spec.destructive,
      idempotentHint: reads || spec.idempotent,
      openWorldHint: false,
    },
  };
}

async function record<Output>({ ctx, from }: Caller, change: Change<Output>, output: Output): Promise<void> {
  const { id, name, detail } = change.told(output);
  await recordAudit(ctx.db, {
    at: ctx.now,
    actor: await auditActor(ctx.db, ctx.actor),
    ...{ action: change.action, entity: change.entity, entityId: id, entityName: name },
    from,
    detail: detail === undefined ? "via: mcp" : `${detail}, via: mcp`,
  });
}
