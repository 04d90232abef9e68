/** The table's columns, and which of them this person wants to see. */
import { computed } from "@preact/signals";
import { stored } from "../parts/stored.ts";
import type { Field } from "./edits.ts";
import type { SortKey } from "./rows.ts";

export const COLUMN_IDS = [
  "pick",
  "status",
  "name",
  "blueprint",
  "node",
  "environment",
  "outputs",
  "gpu",
  "autostart",
  "restart",
  "port",
  "url",
  "uptime",
  "disk",
  "actions",
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

/** `fields` can be edited in place; one that is `optional` can be hidden. */
type Column = { label: string; sort?: SortKey; fields?: readonly Field[]; optional?: boolean };
export const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  pick: { label: "Choose" },
  status: { label: "Status", sort: "status" },
  name: { label: "Name", sort: "name", fields: ["name"] },
  blueprint: { label: "Blueprint", sort: "blueprint", fields: ["blueprint"], optional: true },
  node: { label: "Node", sort: "node", optional: true },
  environment: {
    label: "Environment",
    fields: ["pythonVersion", "cudaVersion", "torchVersion"],
    optional: true,
  },
  outputs: { label: "Outputs", fields: ["outputPath"], optional: true },
  gpu: { label: "GPU", fields: ["gpuIds"], optional: true },
  autostart: { label: "Auto", fields: ["autostart"], optional: true },
  restart: { label: "Restart", fields: ["restartPolicy"], optional: true },
  port: { label: "Port", fields: ["port"], optional: true },
  url: { label: "Address", fields: ["hostname"], optional: true },
  uptime: { label: "For", optional: true },
  disk: { label: "Disk", sort: "disk", optional: true },
  actions: { label: "Actions" },
};

const hiddenNames = stored<string>("roundhouse.columns.hidden", "environment,outputs,restart");
export const hiddenColumns = computed<ReadonlySet<string>>(() => new Set(hiddenNames.value.split(",").filter(Boolean)));

export function showColumn(id: ColumnId, shown: boolean): void {
  const hidden = new Set(hiddenColumns.value);
  if (shown) hidden.delete(id);
  else hidden.add(id);
  hiddenNames.value = [...hidden].join(",");
}
