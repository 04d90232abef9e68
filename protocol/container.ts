/** A container blueprint: an image and the little that a container of it is given. What it does not name, it does not get. */
import * as z from "zod";
import { MAIN_PORT, MAX_DECLARED_PORTS, PortNumber } from "./ports.ts";

const MIB = 1024 ** 2;
const UNITS: Readonly<Record<string, number>> = { kib: 1024, mib: MIB, gib: 1024 ** 3, kb: 1e3, mb: 1e6, gb: 1e9 };

/** `registry.example.com:5000/team/app:1.2@sha256:…`; the grammar of the distribution project's reference package. */
const IMAGE =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?)\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What no blueprint can ask for, and why; each is refused by its name. */
export const NEVER_GIVEN: Readonly<Record<string, string>> = {
  privileged: "a privileged container is root of its node",
  devices: "devices of the node are not given; for GPUs say gpus: true",
  cap_add: "no capabilities are added",
  security_opt: "the security options are those of least privilege",
  network_mode: "the network of the node is not given; for the internet say network: true",
  pid: "the processes of the node are not shown",
  ipc: "the memory of other containers is not shared",
  userns_mode: "the users of the node are not shared",
  volumes: "what is mounted is named under mounts",
};

const absolute = z
  .string()
  .regex(/^\/[^\0]+$/, "an absolute path in the container, such as /data")
  .refine((path) => !path.split("/").some((part) => part === ".." || part === "."), "a path without . or .. parts");

export const Mount = z.strictObject({
  /** `./data`: a folder of the instance; `models`, `outputs`: those of its node; else a path that the node's owner allowed. */
  from: z
    .string()
    .regex(
      /^(?:models|outputs|\.\/(?!\.{1,2}$)[A-Za-z0-9._-]+|\/[^\0]*)$/,
      "./<folder>, models, outputs, or an absolute path",
    ),
  to: absolute,
  readonly: z.boolean().default(false),
});
export type Mount = z.infer<typeof Mount>;

const Memory = z.string().transform((text, context) => {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  // Less is refused by the engine.
  if (bytes >= 6 * MIB) return bytes;
  context.addIssue({ code: "custom", message: "a size such as 2GiB, at least 6MiB", input: text });
  return z.NEVER;
});

export const ContainerSpec = z.strictObject({
  title: z.string().min(1).max(100).optional(),
  description: z.string().max(500).optional(),
  category: z.string().max(60).optional(),
  image: z.string().max(255).regex(IMAGE, "an image such as postgres:17 or ghcr.io/owner/app@sha256:…"),
  /** In place of the image's own. */
  entrypoint: z.array(z.string()).max(64).optional(),
  command: z.array(z.string()).max(256).optional(),
  /** What the instance's URL leads to, as the container numbers it. */
  port: PortNumber.nullable().default(null),
  ports: z
    .record(
      z.string().regex(/^(?!.*--)[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/, "1 to 16 of a-z, 0-9 and dashes"),
      PortNumber,
    )
    .refine((ports) => Object.keys(ports).length <= MAX_DECLARED_PORTS, `at most ${MAX_DECLARED_PORTS}`)
    .refine((ports) => !(MAIN_PORT in ports), `the port of that name is the one under "port"`)
    .default({}),
  env: z.record(z.string().regex(VARIABLE, "the name of a variable"), z.coerce.string()).default({}),
  mounts: z.array(Mount).max(16).default([]),
  /** Whether it reaches other machines. */
  network: z.boolean().default(false),
  gpus: z.boolean().default(false),
  /** `uid` or `uid:gid`; else the image's own. */
  user: z.coerce
    .string()
    .regex(/^\d+(?::\d+)?$/, "a number, or two as in 1000:1000")
    .optional(),
  /** When it counts as started: it answers HTTP, or takes connections. Without a port: as soon as it runs. */
  ready: z.enum(["http", "listening"]).optional(),
  /** Whether it may write to its own files, which are gone with it. */
  writable: z.boolean().default(false),
  memory: Memory.optional(),
  cpus: z.number().positive().max(1024).optional(),
  pids: z.int().min(1).max(100_000).default(512),
  /** Whether the registry is asked at each start for a newer image of that tag. */
  pull: z.enum(["missing", "always"]).default("missing"),
  /** The variables of the instance that hold who its registry knows. They are not the container's. */
  registry: z.strictObject({ username: z.string().regex(VARIABLE), password: z.string().regex(VARIABLE) }).optional(),
});
export type ContainerSpec = z.infer<typeof ContainerSpec>;
