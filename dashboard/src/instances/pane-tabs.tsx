/** What the pane can show of an instance. Another instance is another content: each has the id as key. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { LogPane } from "../logs/log-pane.tsx";
import { later } from "../parts/later.tsx";
import type { Tab } from "../parts/tabs.tsx";

const EnvironmentPane = later(async () => (await import("../environment/environment-pane.tsx")).EnvironmentPane);
const FilesPane = later(async () => (await import("../files/files-pane.tsx")).FilesPane);
const ScriptPane = later(async () => (await import("../files/script-pane.tsx")).ScriptPane);
const StatsPane = later(async () => (await import("../stats/stats-pane.tsx")).StatsPane);
const TerminalPane = later(async () => (await import("../terminal/terminal-pane.tsx")).TerminalPane);

export type Shown = { instance: Instance; node: Node | undefined };

/** The tab with the app itself. Its frames outlive the choice of another tab, so the place shows them (app-view/). */
export const VIEW_TAB = "view";

export const PANE_TABS: readonly Tab<Shown>[] = [
  {
    id: "log",
    label: "Log",
    show: ({ instance: { id, name } }) => <LogPane key={id} path={`/api/instances/${id}/logs`} name={name} />,
  },
  {
    id: "terminal",
    label: "Terminal",
    show: ({ instance, node }) => <TerminalPane key={instance.id} instance={instance} node={node} />,
  },
  {
    id: "editor",
    label: "Editor",
    show: ({ instance }) => <ScriptPane key={instance.id} instance={instance} />,
  },
  {
    id: "files",
    label: "Files",
    show: ({ instance }) => <FilesPane key={instance.id} instance={instance} />,
  },
  { id: VIEW_TAB, label: "View", show: () => null },
  {
    id: "stats",
    label: "Stats",
    show: ({ instance, node }) => <StatsPane key={instance.id} instance={instance} node={node} />,
  },
  {
    id: "environment",
    label: "Environment",
    show: ({ instance }) => <EnvironmentPane key={instance.id} instance={instance} />,
  },
];
