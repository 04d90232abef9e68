/** Why an app cannot be shown in the pane now, and what to do about it. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";

export type Blocked = {
  why: "role" | "deleting" | "offline" | "app-urls" | "not-running";
  title: string;
  advice: string;
};

/** `role` is why the person may not open apps, if so. Undefined when it can be shown, which an app that starts can, too. */
export function blockedView(instance: Instance, node: Node | undefined, role: string | undefined): Blocked | undefined {
  if (role !== undefined) return { why: "role", title: "No app for you", advice: role };
  if (instance.desired === "deleted") {
    return {
      why: "deleting",
      title: `${instance.name} is being deleted`,
      advice: "There is nothing to be shown any more.",
    };
  }
  if (node?.appUrls.allowed === false) {
    const advice = "An admin confirms under Nodes, at this node, that its plan allows app URLs.";
    return { why: "app-urls", title: "App URLs of its node are off", advice };
  }
  if (node?.status === "offline" || instance.status === "unreachable") {
    const name = node?.name ?? "Its node";
    return {
      why: "offline",
      title: `${name} is offline`,
      advice: "The app is shown as soon as its worker agent is back.",
    };
  }
  if (instance.status === "stopped" || instance.status === "error" || instance.status === "stopping") {
    return { why: "not-running", title: `${instance.name} is not running`, advice: "Start it, and it is shown here." };
  }
  return undefined;
}
