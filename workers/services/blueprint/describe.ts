/** Reads from a blueprint's source what the catalogue shows of it. */
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import type { BlueprintKind } from "@roundhouse/protocol/instance";
import { ServiceError } from "../error.ts";

export type Description = { title: string; category: string | null; description: string | null };

/** Throws `blueprint_without_metadata` for a bash blueprint whose header is missing, `invalid_input` for a bad one. */
export function describeBlueprint(name: string, kind: BlueprintKind, source: string): Description {
  if (kind !== "bash") return { title: name, category: null, description: null };
  const metadata = parseBashMetadata(source);
  if (!metadata) throw withoutMetadata(name);
  if (metadata.problems.length > 0) throw badNeeds(metadata.problems);
  return { title: metadata.name ?? name, category: metadata.category, description: metadata.description };
}

function badNeeds(problems: string[]): ServiceError {
  return new ServiceError("invalid_input", `source: its metadata block cannot be understood: ${problems.join("; ")}.`, {
    hint: "Correct these lines, or leave them out.",
    details: problems,
  });
}

function withoutMetadata(name: string): ServiceError {
  const block = [
    "### AIKORE-METADATA-START ###",
    `# aikore.name = ${name}`,
    "# aikore.description = What it does, in one line",
    "# aikore.category = Tools",
    "### AIKORE-METADATA-END ###",
  ].join("\n");
  return new ServiceError(
    "blueprint_without_metadata",
    `source: the bash blueprint ${JSON.stringify(name)} has no metadata block.`,
    {
      hint: `Put this block at the top of the script:\n${block}`,
    },
  );
}
