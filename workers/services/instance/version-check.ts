/** What is in an instance's environment, asked of its node. */
import { VersionReport } from "@roundhouse/protocol/api/versions";
import * as z from "zod";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { askAgent } from "../node/ask-agent.ts";
import { refuseTombstone } from "./change.ts";
import { readInstance } from "./read.ts";

const Answer = z.union([VersionReport, z.object({ trouble: z.string() })]);

/** Throws `not_installed` before its first launch, `node_offline`, and `conflict` with what its Python said instead. */
export async function checkVersions(ctx: Context, id: string): Promise<VersionReport> {
  const row = await readInstance(ctx.db, id);
  refuseTombstone(row);
  const answer = await askAgent(ctx, row.nodeId, `/agent/instances/${encodeURIComponent(id)}/versions`, Answer);
  if (answer === undefined) {
    throw new ServiceError("not_installed", `Nothing of ${JSON.stringify(row.name)} is installed yet.`, {
      hint: "Start it: its first start installs it.",
    });
  }
  if (!("trouble" in answer)) return answer;
  throw new ServiceError(
    "conflict",
    `The environment of ${JSON.stringify(row.name)} does not work: ${answer.trouble}.`,
    {
      hint: "Rebuild it, or look at it in a terminal.",
    },
  );
}
