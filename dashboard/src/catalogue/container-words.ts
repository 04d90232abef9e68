/** What a container blueprint says, in words: also what it does not give. Pure. */
import type { ContainerSpec, Mount } from "@roundhouse/protocol/container";
import { formatBytes } from "../parts/format.ts";

export function containerInWords(spec: ContainerSpec): (readonly [label: string, value: string])[] {
  const { title, category, description, image, port, ports, network, mounts, memory, gpus } = spec;
  const more = Object.entries(ports).map(([name, number]) => `${name} ${number}`);
  return [
    ["Title", title ?? "its name"],
    ["Category", category ?? "none"],
    ["Description", description ?? "none"],
    ["Image", image],
    ["Port", port === null ? "none: its URL leads nowhere" : String(port)],
    ...(more.length === 0 ? [] : [["More ports", more.join(", ")] as const]),
    ["Network", network ? "yes: it reaches other machines" : "no: it reaches no other machine"],
    ["Mounts", mounts.map(mountInWords).join(", ") || "none: nothing it writes stays"],
    ["Memory", memory === undefined ? "all of its node's" : `at most ${formatBytes(memory)}`],
    ["GPUs", gpus ? "those chosen for the instance" : "none"],
  ];
}

function mountInWords({ from, to, readonly }: Mount): string {
  return `${from} as ${to}${readonly ? " (read-only)" : ""}`;
}
