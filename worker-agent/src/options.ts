/** The command line of the agent, checked before anything is touched. */
import { isAbsolute, resolve } from "node:path";
import { parseArgs } from "node:util";
import { PortPool } from "@roundhouse/protocol/api/node";
import { MAX_PORT_POOL_SIZE } from "@roundhouse/protocol/limits";
import { decodeJoinToken, type JoinToken } from "@roundhouse/protocol/join-token";
import { Decision, type Policy } from "@roundhouse/protocol/policy";
import { ceilingFrom } from "./ceiling.ts";
import { PLATFORM_NAMES } from "./host/platform.ts";

export const USAGE = `Turns this machine into a node of a Roundhouse pool. It only ever dials out.

  worker-agent --token T [--url U] [--name N] [--data DIR] [--label k=v …]   join, then serve
  worker-agent [--data DIR]                                                 serve again as the node it is
  worker-agent stop [--data DIR]                                            end every app of this node, and the agent
  worker-agent --install-service [--token T …]                              join, then serve with every start of the machine
  worker-agent --uninstall-service                                          serve no more by itself; apps and data stay
  worker-agent --version | --help

  --token T      join token from the dashboard (Add a node); shown once, carries the address
  --url U        address of the control plane, when it differs from the token's
  --name N       name in the dashboard (default: the host's name)
  --data DIR     where everything is kept (default: on what the platform keeps over a stop, where it keeps anything; else
                 ~/.worker-agent, for root /var/lib/worker-agent)
  --label k=v    a label of the node; may be repeated
  --port-pool F-L   the ports that its apps are given, such as 9001-9020; for a node that is new (default: 19001-19020)
  --policy P     what tools of jobs may do here at most: allow, ask (a person each time) or deny; the pool can only narrow
                 it (default: the pool decides)
  --no-exec      no job ever runs a program of its own here
  --mount DIR    a folder of this machine that containers may be given, with all below it; may be repeated, and replaces
                 those that were allowed before (default: none)
  --platform P   where this machine is rented, when that is not found out:
                 ${PLATFORM_NAMES.join(", ")}`;

/** What a join may need. */
export type JoinOptions = {
  token: JoinToken | undefined;
  url: string | undefined;
  name: string | undefined;
  labels: Record<string, string>;
  /** For a node that is new. */
  portPool: PortPool | undefined;
  /** What tools may do here at most; undefined: as it was. */
  ceiling: Policy | undefined;
  /** Folders that containers may be given; undefined: as it was. */
  mounts: string[] | undefined;
};
/** Where the agent is, as far as the command line says. */
export type PlaceOptions = { data: string | undefined; platform: string | undefined };
export type ServeOptions = PlaceOptions & JoinOptions;

export type Options =
  | { command: "help" | "version" }
  | ({ command: "stop" | "uninstall-service" } & PlaceOptions)
  | ({ command: "serve" | "install-service" } & ServeOptions);

/** A mistake on the command line, in words for the person who typed it. */
export class UsageError extends Error {}

/** Throws {@link UsageError} that quotes the wrong value and says what is right. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (values.help) return { command: "help" };
  if (values.version) return { command: "version" };
  const [command, ...rest] = positionals;
  if (rest.length > 0 || (command !== undefined && command !== "stop")) {
    throw new UsageError(`unknown command "${positionals.join(" ")}"; the only one is "stop" (see --help)`);
  }
  const place: PlaceOptions = {
    data: values.data === undefined ? undefined : resolve(values.data),
    platform: values.platform === undefined ? undefined : checkPlatform(values.platform),
  };
  if (command === "stop") return { command, ...place };
  if (values["uninstall-service"]) return { command: "uninstall-service", ...place };
  return {
    command: values["install-service"] ? "install-service" : "serve",
    ...place,
    token: values.token === undefined ? undefined : checkToken(values.token),
    url: values.url === undefined ? undefined : checkUrl(values.url),
    name: values.name === undefined ? undefined : checkName(values.name),
    labels: Object.fromEntries((values.label ?? []).map(checkLabel)),
    portPool: values["port-pool"] === undefined ? undefined : checkPortPool(values["port-pool"]),
    ceiling: ceilingFrom(values.policy === undefined ? undefined : checkPolicy(values.policy), !!values["no-exec"]),
    mounts: values.mount?.map(checkMount),
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        token: { type: "string" },
        url: { type: "string" },
        name: { type: "string" },
        data: { type: "string" },
        label: { type: "string", multiple: true },
        platform: { type: "string" },
        "port-pool": { type: "string" },
        policy: { type: "string" },
        mount: { type: "string", multiple: true },
        "no-exec": { type: "boolean" },
        "install-service": { type: "boolean" },
        "uninstall-service": { type: "boolean" },
        help: { type: "boolean" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${error.message} (see --help)`, { cause: error });
    throw error;
  }
}

function checkToken(text: string): JoinToken {
  const token = decodeJoinToken(text);
  if (token) return token;
  const shown = text.length > 12 ? `${text.slice(0, 8)}…` : text;
  throw new UsageError(`--token "${shown}" is not a join token; copy the whole line from the dashboard (Add a node)`);
}

function checkMount(path: string): string {
  if (isAbsolute(path) && resolve(path) !== "/") return resolve(path);
  throw new UsageError(
    `--mount "${path}" is not the absolute path of a folder, such as /data; the whole disk is never given`,
  );
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url.origin;
  throw new UsageError(`--url "${text}" is not an address such as https://pool.example.com`);
}

function checkName(text: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= 60) return name;
  throw new UsageError(`--name "${text}" must have 1 to 60 characters`);
}

function checkLabel(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--label "${text}" must look like key=value`);
}

function checkPortPool(text: string): PortPool {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const pool = PortPool.safeParse({ first: Number(first), last: Number(last) });
  if (pool.success) return pool.data;
  throw new UsageError(
    `--port-pool "${text}" must look like 9001-9020, within 1024-65535 and with ${MAX_PORT_POOL_SIZE} ports at most`,
  );
}

function checkPolicy(text: string): Decision {
  const policy = Decision.safeParse(text);
  if (policy.success) return policy.data;
  throw new UsageError(`--policy "${text}" is none; give one of ${Decision.options.join(", ")}`);
}

function checkPlatform(text: string): string {
  if (PLATFORM_NAMES.includes(text)) return text;
  throw new UsageError(`--platform "${text}" is none that is known; give one of ${PLATFORM_NAMES.join(", ")}`);
}
