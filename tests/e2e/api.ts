/** The HTTP API of a house, as a program with the preset admin key uses it. */
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { CreateInstance, Instance, Logs } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { ErrorBody } from "@roundhouse/protocol/errors";
import type { InstanceStatus } from "@roundhouse/protocol/instance";
import { type Answer, ask, type Ask } from "./http.ts";
import { until, type Waited } from "./until.ts";

type Page<T> = { items: T[] };
type InstanceWish = { name: string } & Partial<CreateInstance>;

export class Api {
  readonly #port: number;
  readonly #key: string;

  constructor(port: number, key: string) {
    this.#port = port;
    this.#key = key;
  }

  /** Any answer; a body that is text is sent as it is, any other as JSON. */
  call(method: string, path: string, body?: unknown, options: Partial<Ask> = {}): Promise<Answer> {
    const headers = { Authorization: `Bearer ${this.#key}`, "Content-Type": "application/json", ...options.headers };
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return ask({ ...options, port: this.#port, method, path, headers, body: text });
  }

  /** The JSON of a good answer; throws on any other. */
  async get<T>(path: string): Promise<T> {
    return this.#good<T>("GET", path);
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#good<T>("POST", path, body);
  }

  async delete(path: string, body?: unknown): Promise<void> {
    await this.#good("DELETE", path, body);
  }

  async nodes(): Promise<Node[]> {
    return (await this.get<Page<Node>>("/api/nodes")).items;
  }

  async instances(): Promise<Instance[]> {
    return (await this.get<Page<Instance>>("/api/instances")).items;
  }

  instance(id: string): Promise<Instance> {
    return this.get<Instance>(`/api/instances/${id}`);
  }

  async blueprints(): Promise<Blueprint[]> {
    return (await this.get<Page<Blueprint>>("/api/blueprints")).items;
  }

  /** On the first node, `hello` and started unless said otherwise. */
  async create(wish: InstanceWish): Promise<Instance> {
    const [node] = await this.nodes();
    return this.post<Instance>("/api/instances", { blueprint: "hello", node: node?.id, start: true, ...wish });
  }

  /** Creates, starts and waits until it is `started`. */
  async install(wish: InstanceWish, limitMs = 60_000): Promise<Instance> {
    const made = await this.create(wish);
    return (await this.untilStatus(made.id, "started", limitMs)).value;
  }

  addBlueprint(name: string, script: string): Promise<Blueprint> {
    return this.post<Blueprint>("/api/blueprints", { name, kind: "bash", source: script });
  }

  start(id: string): Promise<Instance> {
    return this.post<Instance>(`/api/instances/${id}/start`);
  }

  stop(id: string): Promise<Instance> {
    return this.post<Instance>(`/api/instances/${id}/stop`);
  }

  /** Deletes it with its files, and waits until its node has confirmed. */
  async remove(id: string): Promise<void> {
    await this.delete(`/api/instances/${id}`, { mode: "permanent" });
    const isGone = async () => (await this.call("GET", `/api/instances/${id}`)).status === 404;
    await until(`instance ${id} is gone`, isGone, { limitMs: 20_000 });
  }

  async log(id: string): Promise<string> {
    return (await this.get<Logs>(`/api/instances/${id}/logs`)).content;
  }

  /** Waits for a status; an outage meanwhile counts as "not yet". */
  async untilStatus(id: string, status: InstanceStatus, limitMs = 20_000): Promise<Waited<Instance>> {
    let last: Instance | undefined;
    const look = async (): Promise<Instance | undefined> => {
      last = (await this.instance(id).catch(() => undefined)) ?? last;
      return last?.status === status ? last : undefined;
    };
    return until(`instance ${id} is ${status}`, look, { limitMs, seen: () => JSON.stringify(last, null, 2) });
  }

  /** A URL with a one-use ticket for the app. */
  async open(id: string): Promise<string> {
    return (await this.post<{ url: string }>(`/api/instances/${id}/open`)).url;
  }

  /** The grant that a browser gets for an app, as the value of a Cookie header. */
  async grantFor(id: string): Promise<string> {
    const { hostname, pathname, search } = new URL(await this.open(id));
    const answer = await ask({ port: this.#port, host: hostname, path: pathname + search });
    const cookies = answer.headers["set-cookie"] ?? [];
    const pair = cookies.find((cookie) => cookie.startsWith("__Host-roundhouse-grant="))?.split(";")[0];
    if (answer.status !== 303 || !pair)
      throw new Error(`the ticket was answered with ${answer.status}: ${answer.text}`);
    return pair;
  }

  async #good<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
  }
}

/** The `error` of an answer; throws when it is not one of ours. */
export function errorOf(answer: Answer): ErrorBody["error"] {
  const body = JSON.parse(answer.text) as Partial<ErrorBody>;
  if (!body.error) throw new Error(`not an error: ${answer.text}`);
  return body.error;
}
