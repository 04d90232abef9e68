/** Tools about instances: read them, start, stop and restart them, and open their apps. */
import { Instance, Opened } from "@roundhouse/protocol/api/instance";
import * as z from "zod";
import type { Context } from "../services/context.ts";
import { resolveInstanceId } from "../services/instance/find.ts";
import { getInstance } from "../services/instance/get.ts";
import { listInstances } from "../services/instance/list.ts";
import { openInstance } from "../services/instance/open.ts";
import { restartInstance } from "../services/instance/restart.ts";
import { startInstance } from "../services/instance/start.ts";
import { stopInstance } from "../services/instance/stop.ts";
import { pageInput, pageOf } from "./page.ts";
import { listText } from "./result.ts";
import { type Change, defineTool, type Tool } from "./tool.ts";

const ShownInstance = Instance.pick({
  id: true,
  name: true,
  blueprint: true,
  node: true,
  parent: true,
  status: true,
  statusSince: true,
  reason: true,
  desired: true,
  exitCode: true,
  url: true,
});
type ShownInstance = z.infer<typeof ShownInstance>;

export const instance = z.string().min(1).max(100).describe("The instance's id, or its name in any case.");
const OneInstance = z.strictObject({ instance });

const listInstancesTool = defineTool({
  name: "list_instances",
  title: "List instances",
  description: "Lists the apps that are installed in the pool, each with its node, its status and its URL.",
  role: "viewer",
  effect: "reads",
  input: z.strictObject(pageInput),
  output: pageOf(ShownInstance),
  call: ({ ctx }, page) => listInstances(ctx, page),
  text: ({ items, cursor }) => listText("instances", items.map(lineOf), cursor),
});

const getInstanceTool = defineTool({
  name: "get_instance",
  title: "Read an instance",
  description: "Reads all that is known of one instance: status and why, ports, last lines of its log, settings.",
  role: "viewer",
  effect: "reads",
  input: OneInstance,
  output: z.object(Instance.shape),
  call: async ({ ctx }, input) => getInstance(ctx, await resolveInstanceId(ctx.db, input.instance)),
  text: (found) => `${lineOf(found)}\n${JSON.stringify(found, null, 2)}`,
});

/** Start, stop and restart are alike but for their words. */
function wishTool(
  action: "start" | "stop" | "restart",
  words: { title: string; description: string; destructive: boolean; idempotent: boolean },
  wish: (ctx: Context, id: string) => Promise<Instance>,
): Tool {
  return defineTool({
    name: `${action}_instance`,
    ...words,
    role: "operator",
    effect: "changes",
    change: { action, entity: "instance", told: ({ id, name }) => ({ id, name }) },
    input: OneInstance,
    output: z.object(ShownInstance.shape),
    call: async ({ ctx }, input) => wish(ctx, await resolveInstanceId(ctx.db, input.instance)),
    text: (after) => `${lineOf(after)}\nget_instance tells how far it is.`,
  });
}

const START = {
  title: "Start an instance",
  description:
    "Starts an instance; its first start installs it, which may take minutes. Starting one that runs changes nothing.",
  ...{ destructive: false, idempotent: true },
};
const STOP = {
  title: "Stop an instance",
  description: "Stops an instance; whoever uses its app is cut off. Its files stay.",
  ...{ destructive: true, idempotent: true },
};
const RESTART = {
  title: "Restart an instance",
  description: "Stops an instance if it runs, and starts it; whoever uses its app is cut off.",
  ...{ destructive: true, idempotent: false },
};

const ofOpened: Change<z.infer<typeof OpenedInstance>> = {
  action: "open",
  entity: "instance",
  told: ({ id, name }) => ({ id, name }),
};
const OpenedInstance = ShownInstance.pick({ id: true, name: true, status: true }).extend({ url: Opened.shape.url });

const openInstanceTool = defineTool({
  name: "open_instance",
  title: "Open an instance's app",
  description:
    "Makes a URL that opens the app in a browser, once and within a minute. Whoever has it can use the app: hand it to " +
    "the person who asked, and to nobody else.",
  role: "operator",
  effect: "changes",
  change: ofOpened,
  ...{ destructive: false, idempotent: false },
  input: z.strictObject({
    instance,
    port: z
      .union([z.string().max(100), z.int()])
      .optional()
      .describe("A port's name, or its number where get_instance lists it without a name; left out: the main port."),
  }),
  output: OpenedInstance,
  call: async ({ ctx }, input) => {
    const id = await resolveInstanceId(ctx.db, input.instance);
    const { url } = await openInstance(ctx, id, input.port === undefined ? {} : { port: input.port });
    return { ...(await getInstance(ctx, id)), url };
  },
  text: ({ name, status, url }) => `${url}\nIt works once, within a minute. ${name} is ${status}.`,
});

function lineOf({ id, name, blueprint, node, status, reason, exitCode, url }: ShownInstance): string {
  const parts = [`${name} (${id}): ${status}`, `${blueprint} on node ${node}`, url];
  if (exitCode !== null) parts.push(`exit code ${exitCode}`);
  if (reason !== null) parts.push(reason.message);
  return parts.join("; ");
}

export const instanceTools: readonly Tool[] = [
  listInstancesTool,
  getInstanceTool,
  wishTool("start", START, startInstance),
  wishTool("stop", STOP, stopInstance),
  wishTool("restart", RESTART, restartInstance),
  openInstanceTool,
];
