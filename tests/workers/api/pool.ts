/** What a job needs before it can be written: a node, a provider, secrets. */
import { newId } from "@roundhouse/protocol/ids";
import { providers } from "../../../workers/db/providers.ts";
import { type Answer, type Harness, joinNode, PRESET_KEY, type SendOptions } from "./harness.ts";

export type Pool = {
  node: { id: string; name: string };
  provider: { id: string; name: string };
  /** A job that is right; `change` replaces parts of it. */
  job(change?: Record<string, unknown>): Record<string, unknown>;
  /** Makes it as an admin. */
  create(change?: Record<string, unknown>): Promise<string>;
  ask(method: string, path: string, body?: unknown, options?: SendOptions): Promise<Answer>;
};

let count = 0;

export async function makePool(h: Harness): Promise<Pool> {
  const node = await joinNode(h);
  const id = newId("provider");
  const provider = { id, name: `Provider of ${id}` };
  const made = { baseUrl: "http://127.0.0.1:9/v1", toolCalls: "auto" as const, prices: {}, createdAt: new Date() };
  await h.db.insert(providers).values({ ...provider, ...made });
  const job: Pool["job"] = (change) => {
    count += 1;
    return { name: `job ${count}`, instructions: "look", nodes: [node.id], provider: id, model: "m", ...change };
  };
  const ask: Pool["ask"] = (method, path, body, options) => h.send(method, path, { as: PRESET_KEY, body, ...options });
  const create: Pool["create"] = async (change) => {
    const answer = await ask("POST", "/api/jobs", job(change));
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.id;
  };
  return { node, provider, job, create, ask };
}
