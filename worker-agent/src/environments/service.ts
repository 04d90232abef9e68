/**
 * Answers `/instances/<id>/versions`, what is in the environment of an instance (two who ask at once share one answer),
 * and `/versions`, what one may choose for a new one.
 */
import type { NodeVersions, VersionReport } from "@roundhouse/protocol/api/versions";
import type { Facts } from "@roundhouse/protocol/facts";
import type { Surroundings } from "../instances/surroundings.ts";
import { wholeJson } from "../services/whole-json.ts";
import { reportVersions } from "./version-report.ts";

export type VersionsDeps = {
  surroundingsOf: (id: string) => Promise<Surroundings | undefined>;
  facts: () => Promise<Facts>;
  choices: () => Promise<NodeVersions>;
};

const PATH = /^\/instances\/([^/]+)\/versions$/;

/** Undefined for a path that is none of its own. */
export function versionsService(deps: VersionsDeps): (request: Request) => Promise<Response | undefined> {
  const underWay = new Map<string, Promise<VersionReport | undefined>>();
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/versions") return wholeJson(await deps.choices());
    const id = PATH.exec(pathname)?.[1];
    if (id === undefined) return undefined;
    const answer = underWay.get(id) ?? report(deps, id).finally(() => underWay.delete(id));
    underWay.set(id, answer);
    try {
      const found = await answer;
      return found ? wholeJson(found) : new Response(null, { status: 404 });
    } catch (error) {
      return wholeJson({ trouble: error instanceof Error ? error.message : String(error) });
    }
  };
}

async function report(deps: VersionsDeps, id: string): Promise<VersionReport | undefined> {
  const surroundings = await deps.surroundingsOf(id);
  // A container's environment is in its image.
  if (surroundings?.shell) return undefined;
  return surroundings && reportVersions(surroundings, await deps.facts(), new Date());
}
