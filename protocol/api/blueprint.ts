/** Blueprints of the HTTP API. */
import * as z from "zod";
import { BlueprintProblem } from "../blueprint-check.ts";
import { BlueprintNeeds } from "../blueprint.ts";
import { BlueprintKind } from "../instance.ts";
import { MAX_BLUEPRINT_BYTES } from "../limits.ts";

export const Blueprint = z
  .object({
    id: z.string(),
    name: z.string(),
    /** What a person reads; the `name` is what an instance refers to. */
    title: z.string(),
    kind: BlueprintKind,
    category: z.string().nullable(),
    description: z.string().nullable(),
    origin: z.enum(["shipped", "custom"]),
    needs: BlueprintNeeds,
    /** URL path of an SVG icon, or null. */
    icon: z.string().nullable(),
    /** Markdown; only in the answer for one blueprint. */
    readme: z.string().nullable().optional(),
    source: z.string().optional(),
    /** What may be worth a look in its source; only in the answer for one blueprint. */
    warnings: z.array(BlueprintProblem).optional(),
  })
  .meta({ id: "Blueprint" });
export type Blueprint = z.infer<typeof Blueprint>;

const BlueprintName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, "letters, digits, dash and underscore, at most 60");

const BlueprintSource = z
  .string()
  .min(1)
  .refine(
    (text) => new TextEncoder().encode(text).length <= MAX_BLUEPRINT_BYTES,
    `at most ${MAX_BLUEPRINT_BYTES} bytes`,
  );

export const CreateBlueprint = z
  .object({ name: BlueprintName, kind: BlueprintKind, source: BlueprintSource })
  .meta({ id: "CreateBlueprint" });
export type CreateBlueprint = z.infer<typeof CreateBlueprint>;

export const PutBlueprint = z.object({ source: BlueprintSource }).meta({ id: "PutBlueprint" });
export type PutBlueprint = z.infer<typeof PutBlueprint>;
