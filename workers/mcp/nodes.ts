/** Tools about nodes. */
import { Node } from "@roundhouse/protocol/api/node";
import * as z from "zod";
import { listNodes } from "../services/node/list.ts";
import { pageInput, pageOf } from "./page.ts";
import { listText } from "./result.ts";
import { defineTool, type Tool } from "./tool.ts";

const ShownNode = Node.pick({
  id: true,
  name: true,
  status: true,
  platform: true,
  gpus: true,
  capabilities: true,
  labels: true,
  agentVersion: true,
  notice: true,
  lastSeenAt: true,
});
type ShownNode = z.infer<typeof ShownNode>;

const listNodesTool = defineTool({
  name: "list_nodes",
  title: "List nodes",
  description: "Lists the machines of the pool: whether each is online, its GPUs, its labels, what it can do.",
  role: "viewer",
  effect: "reads",
  input: z.strictObject(pageInput),
  output: pageOf(ShownNode),
  call: ({ ctx }, page) => listNodes(ctx, page),
  text: ({ items, cursor }) => listText("nodes", items.map(lineOf), cursor),
});

function lineOf({ id, name, status, platform, gpus, labels, notice, lastSeenAt }: ShownNode): string {
  const parts = [`${name} (${id}): ${status}, ${platform}`, gpus.map(gpuWords).join(", ") || "no GPU"];
  const tags = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  if (tags.length > 0) parts.push(`labels ${tags.join(" ")}`);
  if (status === "offline") parts.push(lastSeenAt === null ? "never seen" : `last seen ${lastSeenAt}`);
  if (notice !== null) parts.push(notice);
  return parts.join("; ");
}

function gpuWords({ index, name, memoryTotalBytes }: ShownNode["gpus"][number]): string {
  return `GPU ${index} ${name} with ${(memoryTotalBytes / 2 ** 30).toFixed(0)} GiB`;
}

export const nodeTools: readonly Tool[] = [listNodesTool];
