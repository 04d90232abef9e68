/** Jobs of a house as a program uses them: a provider that follows a script, jobs with harmless limits, runs to their end. */
import type { Job, NewJob, RunJob } from "@roundhouse/protocol/api/job";
import type { Provider, NewProvider } from "@roundhouse/protocol/api/provider";
import { type Approval, isOver, type Run, type Step } from "@roundhouse/protocol/api/run";
import type { Policy } from "@roundhouse/protocol/policy";
import type { House } from "./house.ts";
import type { ScriptedModel } from "./scripted-model.ts";
import { until } from "./until.ts";

export const OPEN_POLICY: Policy = { default: "allow", execCommand: true, rules: [] };

export class Jobs {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  /** Of every node, or of the one named. */
  async setPolicy(policy: Policy, name?: string): Promise<void> {
    for (const node of await this.#house.api.nodes()) {
      if (name !== undefined && node.name !== name) continue;
      const answer = await this.#house.api.call("PATCH", `/api/nodes/${node.id}`, { policy });
      if (answer.status !== 200) throw new Error(`the policy was answered with ${answer.status}: ${answer.text}`);
    }
  }

  provider(name: string, model: ScriptedModel, wish: Partial<NewProvider> = {}): Promise<Provider> {
    return this.#house.api.post<Provider>("/api/providers", { name, baseUrl: model.baseUrl, ...wish });
  }

  /** On the first node unless others are named. */
  async make(wish: Partial<NewJob> & { name: string }): Promise<Job> {
    const [node] = await this.#house.api.nodes();
    const job: NewJob = {
      instructions: "Do as the script says.",
      nodes: [node?.name ?? ""],
      provider: "scripted",
      model: "scripted",
      ...wish,
    };
    return this.#house.api.post<Job>("/api/jobs", job);
  }

  /** The same `key` again is the same run. */
  async run(job: string, body: RunJob = {}, key?: string): Promise<Run> {
    const headers = key === undefined ? {} : { "Idempotency-Key": key };
    const answer = await this.#house.api.call("POST", `/api/jobs/${job}/run`, body, { headers });
    if (answer.status !== 201) throw new Error(`the run was answered with ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text) as Run;
  }

  get(run: string): Promise<Run> {
    return this.#house.api.get<Run>(`/api/runs/${run}`);
  }

  async ofJob(job: string): Promise<Run[]> {
    return (await this.#house.api.get<{ items: Run[] }>(`/api/runs?job=${job}&limit=500`)).items;
  }

  async steps(run: string): Promise<Step[]> {
    return (await this.#house.api.get<{ items: Step[] }>(`/api/runs/${run}/steps`)).items;
  }

  async pending(run: string): Promise<Approval[]> {
    return (await this.#house.api.get<{ items: Approval[] }>(`/api/approvals?status=pending&run=${run}`)).items;
  }

  /** An outage meanwhile counts as "not yet". */
  async until(run: string, what: string, is: (run: Run) => boolean, limitMs = 30_000): Promise<Run> {
    let last: Run | undefined;
    const look = async (): Promise<Run | undefined> => {
      last = (await this.get(run).catch(() => undefined)) ?? last;
      return last && is(last) ? last : undefined;
    };
    const seen = () => JSON.stringify(last, null, 2);
    return (await until(`run ${run} is ${what}`, look, { limitMs, seen })).value;
  }

  untilOver(run: string, limitMs?: number): Promise<Run> {
    return this.until(run, "over", ({ status }) => isOver(status), limitMs);
  }

  /** Runs it and waits for the end. */
  async whole(job: string, body: RunJob = {}, limitMs?: number): Promise<Run> {
    return this.untilOver((await this.run(job, body)).id, limitMs);
  }
}
