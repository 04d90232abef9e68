/** Everything that can be done to one instance, as a menu. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { blockedFor } from "../api/session.ts";
import { Menu, type MenuItem } from "../parts/menu.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { act, canStart } from "./actions.ts";
import { showTab } from "./selection.ts";
import type { TableAsk } from "./table-ask.ts";

type RowMenuProps = {
  instance: Instance;
  node: Node | undefined;
  x: number;
  y: number;
  onAsk: (ask: TableAsk) => void;
  onClose: () => void;
};

export function RowMenu({ instance, node, x, y, onAsk, onClose }: RowMenuProps) {
  return (
    <Menu
      label={`Actions for ${instance.name}`}
      items={itemsFor(instance, node, onAsk)}
      x={x}
      y={y}
      onClose={onClose}
    />
  );
}

function itemsFor(instance: Instance, node: Node | undefined, onAsk: (ask: TableAsk) => void): MenuItem[] {
  const deleting = instance.desired === "deleted" ? "It is being deleted." : undefined;
  const blocked = deleting ?? blockedFor("operator");
  const start = canStart(instance);
  const notRunning = start ? "It is not running." : undefined;
  const appsOff = node?.appUrls.allowed === false ? "App URLs of its node are off." : undefined;
  const ofParent = instance.parent === null ? undefined : "A satellite has none of its own: use its parent's.";
  const ofImage = instance.kind === "container" ? "A container has none: what it runs is in its image." : undefined;
  return [
    start
      ? { label: "Start", icon: "play", shortcut: "s", blocked, act: () => void act(instance, "start") }
      : { label: "Stop", icon: "stop", shortcut: "s", blocked, act: () => void act(instance, "stop") },
    {
      label: "Restart",
      icon: "restart",
      shortcut: "r",
      blocked: blocked ?? notRunning,
      act: () => void act(instance, "restart"),
    },
    {
      label: "Open",
      icon: "open",
      shortcut: "o",
      blocked: blocked ?? notRunning ?? appsOff,
      act: () => window.open(`/open/${instance.id}`, "_blank", "noopener"),
    },
    { label: "Copy link", icon: "link", act: () => void copyLink(instance) },
    { label: "Log", icon: "logs", shortcut: "Enter", begins: true, act: () => showTab(instance.id, "log") },
    { label: "Terminal", icon: "keyboard", shortcut: "t", blocked, act: () => showTab(instance.id, "terminal") },
    { label: "Files", icon: "folder", act: () => showTab(instance.id, "files") },
    { label: "Upload files…", icon: "upload", blocked, act: () => onAsk("upload") },
    { label: "Edit…", icon: "pencil", begins: true, blocked, act: () => onAsk("edit") },
    { label: "New satellite…", icon: "branch", blocked: blocked ?? ofParent, act: () => onAsk("satellite") },
    { label: "Copy…", icon: "copy", blocked: blocked ?? notCopied(instance), act: () => onAsk("copy") },
    { label: "Share…", icon: "share", blocked: blocked ?? appsOff, act: () => onAsk("share") },
    {
      label: "Update…",
      icon: "download",
      begins: true,
      blocked: blocked ?? ofParent,
      act: () => onAsk("update"),
    },
    {
      label: "Rebuild environment…",
      icon: "settings",
      blocked: blocked ?? ofParent ?? ofImage,
      act: () => onAsk("rebuild"),
    },
    { label: "Reset…", icon: "warning", tone: "bad", blocked: blocked ?? ofParent, act: () => onAsk("reset") },
    { label: "Delete…", icon: "trash", shortcut: "Delete", tone: "bad", blocked, act: () => onAsk("delete") },
  ];
}

function notCopied({ parent, diskBytes }: Instance): string | undefined {
  if (parent !== null) return "A satellite has no installation of its own: copy its parent.";
  return diskBytes === null ? "Nothing of it is installed yet." : undefined;
}

async function copyLink({ url }: Instance): Promise<void> {
  try {
    await navigator.clipboard.writeText(url);
    toast(`Copied ${url}`);
  } catch (error) {
    toastError(error);
  }
}
