/** Reads from a blueprint's source what the catalogue shows of it. */
import {
  checkBlueprint,
  describeProblem,
  isWithoutBlock,
  type BlueprintProblem,
} from "@roundhouse/protocol/blueprint-check";
import { METADATA_END, METADATA_START, parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { readContainer } from "@roundhouse/protocol/container-blueprint";
import type { BlueprintKind } from "@roundhouse/protocol/instance";
import { ServiceError } from "../error.ts";

export type Description = { title: string; category: string | null; description: string | null };

/** Throws `blueprint_without_metadata` for a bash blueprint that has no header, `bad_blueprint` for any other error. */
export function describeBlueprint(name: string, kind: BlueprintKind, source: string): Description {
  if (kind === "container") return describeContainer(name, source);
  if (kind !== "bash") return { title: name, category: null, description: null };
  const errors = checkBlueprint(kind, source).filter((problem) => problem.severity === "error");
  if (source.trim() !== "" && isWithoutBlock(source)) throw withoutMetadata(name);
  if (errors.length > 0) throw badBlueprint(errors);
  const metadata = parseBashMetadata(source);
  return {
    title: metadata?.name ?? name,
    category: metadata?.category ?? null,
    description: metadata?.description ?? null,
  };
}

function describeContainer(name: string, source: string): Description {
  const { spec, problems } = readContainer(source);
  if (!spec) throw badBlueprint(problems);
  return { title: spec.title ?? name, category: spec.category ?? null, description: spec.description ?? null };
}

function badBlueprint(problems: BlueprintProblem[]): ServiceError {
  const words = problems.map(describeProblem).join("; ");
  return new ServiceError("bad_blueprint", `source: ${words}${words.endsWith("?") ? "" : "."}`, {
    hint: "Correct these lines, or leave them out.",
    details: { problems },
  });
}

function withoutMetadata(name: string): ServiceError {
  const block = [
    METADATA_START,
    `# aikore.name = ${name}`,
    "# aikore.description = What it does, in one line",
    "# aikore.category = Tools",
    METADATA_END,
  ].join("\n");
  return new ServiceError(
    "blueprint_without_metadata",
    `source: the bash blueprint ${JSON.stringify(name)} has no metadata block.`,
    {
      hint: `Put this block at the top of the script:\n${block}`,
    },
  );
}
