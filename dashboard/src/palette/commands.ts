/** Everything the palette can find: pages, instances and what can be done to them, jobs, MCP servers, nodes, blueprints. */
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Job } from "@roundhouse/protocol/api/job";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import type { Node } from "@roundhouse/protocol/api/node";
import { blockedFor } from "../api/session.ts";
import { jobPath, runJob, runPath } from "../jobs/actions.ts";
import { act, canStart } from "../instances/actions.ts";
import { discardEdits, edits } from "../instances/unsaved.ts";
import { showTab } from "../instances/selection.ts";
import { CONTAINERS_PATH, NEW_PATH, serverPath, SERVERS_PATH } from "../mcp/paths.ts";
import type { IconName } from "../parts/icon.tsx";
import { toastError } from "../shell/toasts.tsx";

export type Command = { id: string; label: string; about: string; icon: IconName; shortcut?: string; act: () => void };
export type Found = {
  instances: readonly Instance[];
  nodes: readonly Node[];
  blueprints: readonly Blueprint[];
  jobs: readonly Job[];
  servers: readonly McpServer[];
};
type Navigate = (path: string) => void;

export function allCommands({ instances, nodes, blueprints, jobs, servers }: Found, navigate: Navigate): Command[] {
  const nodeNames = new Map(nodes.map(({ id, name }) => [id, name]));
  const living = instances.filter(({ desired }) => desired !== "deleted");
  return [
    ...pages(navigate),
    ...unsaved(),
    ...living.map((instance) => showOf(instance, nodeNames.get(instance.node) ?? "", navigate)),
    ...living.flatMap((instance) => verbsOf(instance, navigate)),
    ...jobs.flatMap((job) => jobCommands(job, navigate)),
    ...servers.map((server) => serverCommand(server, navigate)),
    ...nodes.map((node) => nodeCommand(node, navigate)),
    ...blueprints.map((blueprint) => blueprintCommand(blueprint, navigate)),
  ];
}

function pages(navigate: Navigate): Command[] {
  const page = (label: string, path: string, icon: IconName, shortcut?: string): Command => ({
    id: `page:${path}`,
    label,
    about: "page",
    icon,
    ...(shortcut && { shortcut }),
    act: () => navigate(path),
  });
  return [
    page("Instances", "/", "apps", "1"),
    page("Nodes", "/nodes", "nodes", "2"),
    page("Catalogue", "/catalogue", "catalogue", "3"),
    page("Jobs", "/jobs", "jobs", "4"),
    page("Runs", "/jobs/runs", "jobs"),
    page("Approvals", "/jobs/approvals", "jobs"),
    page("New job", "/jobs/new", "plus"),
    page("MCP servers", SERVERS_PATH, "tools", "5"),
    page("Add an MCP server", NEW_PATH, "plus"),
    page("Containers", CONTAINERS_PATH, "tools"),
    page("Settings", "/settings", "settings", "6"),
    page("Providers", "/settings/providers", "settings"),
    page("Secrets", "/settings/secrets", "key"),
    page("Audit log", "/settings/audit", "logs"),
    page("Add a node", "/nodes/add", "plus"),
  ];
}

function unsaved(): Command[] {
  if (edits.value.size === 0) return [];
  return [{ id: "discard", label: "Discard changes", about: "unsaved edits", icon: "close", act: discardEdits }];
}

function showOf(instance: Instance, node: string, navigate: Navigate): Command {
  return {
    id: `show:${instance.id}`,
    label: instance.name,
    about: `${instance.status} · ${instance.blueprint} on ${node}`,
    icon: "apps",
    act: () => show(instance.id, "log", navigate),
  };
}

function verbsOf(instance: Instance, navigate: Navigate): Command[] {
  const { id, name } = instance;
  const command = (verb: string, icon: IconName, shortcut: string, action: () => void): Command => ({
    id: `${verb}:${id}`,
    label: `${verb} ${name}`,
    about: "instance",
    icon,
    shortcut,
    act: action,
  });
  const toLog = command("Log of", "logs", "Enter", () => show(id, "log", navigate));
  const toFiles: Command = { ...command("Files of", "folder", "", () => show(id, "files", navigate)) };
  if (blockedFor("operator") !== undefined) return [toLog, toFiles];
  const running = [
    command("Stop", "stop", "s", () => void act(instance, "stop")),
    command("Restart", "restart", "r", () => void act(instance, "restart")),
    command("Open", "open", "o", () => window.open(`/open/${id}`, "_blank", "noopener")),
  ];
  const start = command("Start", "play", "s", () => void act(instance, "start"));
  const terminal = command("Terminal of", "keyboard", "t", () => show(id, "terminal", navigate));
  return [...(canStart(instance) ? [start] : running), toLog, terminal, toFiles];
}

function jobCommands(job: Job, navigate: Navigate): Command[] {
  const { id, name, enabled } = job;
  const about = `job · ${enabled ? "on" : "off"}`;
  const edit: Command = { id: `job:${id}`, label: name, about, icon: "jobs", act: () => navigate(jobPath(id)) };
  if (blockedFor("operator") !== undefined) return [edit];
  const act = (): void =>
    void runJob(job)
      .then((run) => navigate(runPath(run.id)))
      .catch(toastError);
  return [edit, { id: `run:${id}`, label: `Run ${name} now`, about: "job", icon: "play", act }];
}

function serverCommand({ id, name, state, nodeName }: McpServer, navigate: Navigate): Command {
  const about = `MCP server · ${state} on ${nodeName}`;
  return { id: `mcp-server:${id}`, label: name, about, icon: "tools", act: () => navigate(serverPath(id)) };
}

function nodeCommand({ id, name, status, platform }: Node, navigate: Navigate): Command {
  const act = (): void => navigate("/nodes");
  return { id: `node:${id}`, label: name, about: `node · ${status} · ${platform}`, icon: "nodes", act };
}

function blueprintCommand({ name, title, category }: Blueprint, navigate: Navigate): Command {
  const about = `blueprint${category === null ? "" : ` · ${category}`}`;
  const act = (): void => navigate("/catalogue");
  return { id: `blueprint:${name}`, label: `Install ${title}`, about, icon: "catalogue", act };
}

function show(id: string, tab: string, navigate: Navigate): void {
  navigate("/");
  showTab(id, tab);
}
