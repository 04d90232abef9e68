/** Ports of an instance: the main one, those it declares, those it is found listening on, and the label of each in app URLs. */
import * as z from "zod";
import { isPortVariable } from "./reserved-variables.ts";

/** What the port that an instance's own URL leads to is called. */
export const MAIN_PORT = "main";
/** Ports an instance may declare beside its main one. */
export const MAX_DECLARED_PORTS = 8;
/** Ports an agent tells of one instance. */
export const MAX_OBSERVED_PORTS = 24;
/** With the longest slug and its number, `<slug>--<name>` still fits a DNS label. */
const NAME = /^(?!.*--)[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/;
const SLUG = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const SEPARATOR = "--";
const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;

const RANGE = "a number from 1 to 65535";
export const PortNumber = z.int(RANGE).min(1, RANGE).max(65_535, RANGE);

/** A port that an instance has beside its main one. Without a number the node allots one, and tells it in the variable. */
export const DeclaredPort = z
  .object({
    name: z
      .string()
      .regex(NAME, "1 to 16 of a-z, 0-9 and single dashes, beginning with a letter")
      .refine((name) => name !== MAIN_PORT, `"${MAIN_PORT}" is the port that the node gives to every instance`),
    port: PortNumber.nullable().default(null),
    env: z
      .string()
      .regex(VARIABLE, "the name of a variable such as API_PORT")
      .refine(isPortVariable, "the launch sets this variable itself, or programs read something else there")
      .nullable()
      .default(null),
  })
  .refine(({ port, env }) => port !== null || env !== null, {
    message: "give a number, or the variable that tells the app the number that its node allots",
    path: ["port"],
  })
  .meta({ id: "DeclaredPort" });
export type DeclaredPort = z.infer<typeof DeclaredPort>;

/** As both ends of the link know it: what was accepted once is not refused by a later rule. */
export const DesiredPort = z.object({
  name: z.string(),
  port: PortNumber.nullable().default(null),
  env: z.string().nullable().default(null),
});

export const DeclaredPorts = z
  .array(DeclaredPort)
  .max(MAX_DECLARED_PORTS)
  .superRefine((ports, context) => {
    for (const field of ["name", "port", "env"] as const) {
      const values = ports.map((one) => one[field]);
      const index = values.findIndex((value, at) => value !== null && values.indexOf(value) < at);
      if (index < 0) continue;
      context.addIssue({
        code: "custom",
        path: [index, field],
        message: "another port of the list has the same",
        input: ports,
      });
    }
  });

/** A port as its node sees it. The main one and those that were declared have a name, others were found. */
export const ObservedPort = z.object({
  port: PortNumber,
  name: z.string().nullable(),
  /** Whether it has answered HTTP below 500. */
  http: z.boolean(),
  /** Whether it listens on every interface. */
  exposed: z.boolean(),
});
export type ObservedPort = z.infer<typeof ObservedPort>;

/** Which port of an instance: a declared name, the number of one that was found, or null for the main one. */
export type PortKey = string | number | null;

/** The first label of an app's host: `<slug>`, `<slug>--<name>` or `<slug>--<number>`. */
export function appLabel(slug: string, port: PortKey): string {
  return port === null ? slug : `${slug}${SEPARATOR}${port}`;
}

/** The opposite of {@link appLabel}; undefined for what it never makes. Slugs and names have no two dashes in a row. */
export function parseAppLabel(label: string): { slug: string; port: PortKey } | undefined {
  const [slug = "", key, ...rest] = label.split(SEPARATOR);
  if (!SLUG.test(slug) || rest.length > 0) return undefined;
  if (key === undefined) return { slug, port: null };
  if (NAME.test(key) && key !== MAIN_PORT) return { slug, port: key };
  const isNumber = /^[1-9]\d{0,4}$/.test(key) && PortNumber.safeParse(Number(key)).success;
  return isNumber ? { slug, port: Number(key) } : undefined;
}

/** Where a label leads by its node's last report; undefined while nothing of the instance listens there. */
export function findPort(
  { port: assigned, ports }: { port: number | null; ports: readonly ObservedPort[] },
  key: PortKey,
): number | undefined {
  if (key === null) return ports.find((one) => one.name === MAIN_PORT)?.port ?? assigned ?? undefined;
  return ports.find((one) => (typeof key === "number" ? one.port === key : one.name === key))?.port;
}
