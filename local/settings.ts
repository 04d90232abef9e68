/** The environment of `npm start`, read once and checked before anything is touched. */
import { resolve } from "node:path";
import * as z from "zod";

const EVERY_INTERFACE = new Set(["0.0.0.0", "::"]);
const Flag = z.enum(["0", "1"]).optional();

const Environment = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(8787),
  HOST: z.string().min(1).default("127.0.0.1"),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  ROUNDHOUSE_DATA: z.string().min(1).default(".data"),
  ROUNDHOUSE_ADMIN_KEY: z.string().min(32, "at least 32 characters").optional(),
  MASTER_KEY_PREVIOUS: z.string().min(32, "at least 32 characters").optional(),
  ROUNDHOUSE_NO_LOCAL_NODE: Flag,
  ROUNDHOUSE_LOG: z.enum(["info", "debug"]).default("info"),
  APPS_DOMAIN: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?$/, "a host such as apps.example.com")
    .optional(),
});

export type Settings = {
  port: number;
  host: string;
  publicUrl: string;
  /** Where this machine itself reaches the control plane, whatever proxy `publicUrl` names. */
  localUrl: string;
  appsDomain: string;
  /** What is known of where all requests come from: the runtime tells no addresses. */
  clientAddress: "this machine" | "unknown";
  data: string;
  adminKey: string | undefined;
  /** What `master.key` held before it was replaced: secrets sealed under it can still be opened. */
  previousMasterKey: string | undefined;
  localNode: boolean;
  /** `debug` shows also what the control plane says for its developers: which hub woke up when. */
  log: "info" | "debug";
};

/** A setting that cannot be used, in words for the person who set it. */
export class SettingsError extends Error {}

/** Throws {@link SettingsError} that names each wrong variable and quotes its value. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map((issue) => describe(issue, given)).join("\n"));
  const { PORT, HOST, PUBLIC_URL, APPS_DOMAIN, ROUNDHOUSE_DATA, ROUNDHOUSE_ADMIN_KEY } = parsed.data;
  const publicUrl = PUBLIC_URL ? new URL(PUBLIC_URL).origin : `http://localhost:${PORT}`;
  return {
    port: PORT,
    host: HOST,
    publicUrl,
    localUrl: `http://${EVERY_INTERFACE.has(HOST) ? "127.0.0.1" : HOST}:${PORT}`,
    appsDomain: APPS_DOMAIN ?? `apps.localhost:${PORT}`,
    // At another address than loopback's a proxy is in front, whose clients may be anywhere.
    clientAddress: isLoopback(HOST) && isLoopback(new URL(publicUrl).hostname) ? "this machine" : "unknown",
    data: resolve(ROUNDHOUSE_DATA),
    adminKey: ROUNDHOUSE_ADMIN_KEY,
    previousMasterKey: parsed.data.MASTER_KEY_PREVIOUS,
    localNode: parsed.data.ROUNDHOUSE_NO_LOCAL_NODE !== "1",
    log: parsed.data.ROUNDHOUSE_LOG,
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  const value = /_KEY(_|$)/.test(name) ? "(not shown)" : `"${String(given[name])}"`;
  return `${name}=${value}: ${issue.message}`;
}
