/** Answers `/providers/<id>/…`: asks a provider of models that this node can reach, and hands both bodies through (SPEC PV1–PV5). */
import { type DesiredProvider, PROVIDER_HEADER } from "@roundhouse/protocol/provider";
import { exchange } from "../http/exchange.ts";
import { OWN_HEADERS, passedOn } from "../http/headers.ts";
import { targetOf } from "./target.ts";

export type Providers = {
  /** The whole set: what is not in it is not asked any more. */
  apply: (desired: readonly DesiredProvider[]) => void;
  /** Undefined for a path that is none of its own. Rejects where the provider did not answer, in words for people. */
  fetch: (request: Request) => Promise<Response | undefined>;
};

const PATH = /^\/providers\/([^/]+)(\/.*)$/;

export function createProviders(): Providers {
  let known = new Map<string, URL>();
  return {
    apply: (desired) => {
      known = new Map(desired.map(({ id, baseUrl }) => [id, new URL(baseUrl)]));
    },
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const [, id, rest] = PATH.exec(pathname) ?? [];
      if (id === undefined || rest === undefined) return undefined;
      const base = known.get(id);
      if (!base) throw new Error("this node has not been told of that provider");
      const response = await ask(targetOf(base, rest, search), request);
      response.headers.set(PROVIDER_HEADER, id);
      return response;
    },
  };
}

/** `Authorization` passes. */
function ask(target: URL, { method, headers, body, signal }: Request): Promise<Response> {
  const passed = { ...Object.fromEntries(passedOn(headers)), ...OWN_HEADERS };
  return exchange(target, { method, headers: passed, body, signal });
}
