/** Below the table: what the selected instance is doing, what is wrong with it, and its tabs: live log, terminal, files. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { blockedFor } from "../api/session.ts";
import { plainText } from "../logs/ansi.ts";
import { LogPane } from "../logs/log-pane.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { formatBytes } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { later } from "../parts/later.tsx";
import { type Tab, Tabs } from "../parts/tabs.tsx";
import { sentPercent, uploads } from "../uploads/uploads.ts";
import { act, canStart } from "./actions.ts";
import { OpenButton } from "./open-button.tsx";
import css from "./pane.module.css";
import { shownStatus } from "./rows.ts";
import { paneTab } from "./selection.ts";
import { Status } from "./status.tsx";

const FilesPane = later(async () => (await import("../files/files-pane.tsx")).FilesPane);
const TerminalPane = later(async () => (await import("../terminal/terminal-pane.tsx")).TerminalPane);

/** What a person asked to do with an instance, in a dialog. */
export type Ask = "delete" | "edit" | "satellite" | "share" | "upload";

const APPS_OFF = "App URLs of its node are off until an admin confirms them under Nodes.";

const SATELLITE_HAS_NONE = "A satellite has none of its own: make one of its parent.";

/** What the pane shows of an instance, one at a time. Another instance is another content: give it the id as key. */
const TABS: readonly Tab<{ instance: Instance; node: Node | undefined }>[] = [
  {
    id: "log",
    label: "Log",
    show: ({ instance: { id, name } }) => <LogPane key={id} instanceId={id} name={name} />,
  },
  {
    id: "terminal",
    label: "Terminal",
    show: ({ instance, node }) => <TerminalPane key={instance.id} instance={instance} node={node} />,
  },
  {
    id: "files",
    label: "Files",
    show: ({ instance }) => <FilesPane key={instance.id} instance={instance} />,
  },
];

type PaneProps = {
  instance: Instance;
  node: Node | undefined;
  onAsk: (ask: Ask) => void;
  onClose: () => void;
};

export function InstancePane({ instance, node, onAsk, onClose }: PaneProps) {
  const deleting = instance.desired === "deleted" ? "It is being deleted." : undefined;
  const blocked = deleting ?? blockedFor("operator");
  const start = canStart(instance);
  const notRunning = start ? "It is not running." : undefined;
  const appsOff = node?.appUrls.allowed === false ? APPS_OFF : undefined;
  const sent = sentPercent(uploads.value, instance.id);
  return (
    <div class={css.pane}>
      <header class={css.head}>
        <h2 class={css.name}>{instance.name}</h2>
        <Status status={shownStatus(instance)} />
        <span class={css.facts}>
          {instance.blueprint} on {node?.name ?? instance.node}
          {portText(instance)}
          {instance.diskBytes !== null && ` · ${formatBytes(instance.diskBytes)}`}
        </span>
        <span class={css.buttons}>
          <Button
            icon={start ? "play" : "stop"}
            blocked={blocked}
            onClick={() => void act(instance, start ? "start" : "stop")}
          >
            {start ? "Start" : "Stop"}
          </Button>
          <Button icon="restart" blocked={blocked ?? notRunning} onClick={() => void act(instance, "restart")}>
            Restart
          </Button>
          <OpenButton instance={instance} blocked={blocked ?? notRunning ?? appsOff} />
          <IconButton icon="share" label="Share" blocked={blocked ?? appsOff} onClick={() => onAsk("share")} />
          {sent === undefined ? (
            <IconButton icon="upload" label="Upload files" blocked={blocked} onClick={() => onAsk("upload")} />
          ) : (
            <Button icon="upload" aria-label={`Upload files: ${sent} % sent`} onClick={() => onAsk("upload")}>
              {sent} %
            </Button>
          )}
          <IconButton
            icon="branch"
            label="New satellite"
            blocked={blocked ?? (instance.parent === null ? undefined : SATELLITE_HAS_NONE)}
            onClick={() => onAsk("satellite")}
          />
          <IconButton icon="pencil" label="Edit" blocked={blocked} onClick={() => onAsk("edit")} />
          <IconButton icon="trash" tone="bad" label="Delete" blocked={blocked} onClick={() => onAsk("delete")} />
        </span>
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <Trouble instance={instance} />
      <Tabs
        label={`Parts of ${instance.name}`}
        tabs={TABS}
        chosen={paneTab.value}
        onChoose={(id) => (paneTab.value = id)}
        context={{ instance, node }}
      />
    </div>
  );
}

/** Where the app listens, which may be elsewhere than it was told. */
function portText({ ports, port }: Instance): string {
  const main = ports[0]?.port ?? port;
  return main === null ? "" : ` · port ${main}`;
}

/** Reason, exit code and last lines of an instance that is not well; a warning for one that is exposed. */
function Trouble({ instance }: { instance: Instance }) {
  const { reason, exitCode, signal } = instance;
  const failed = instance.status === "error";
  if (reason === null && !failed && instance.exposed.length === 0) return null;
  const lastLines = failed ? instance.lastLines.slice(-4) : [];
  const tone = failed ? css.bad : css.warn;
  const message = reason?.message ?? "It ended unexpectedly.";
  const end = failed ? endText(exitCode, signal) : undefined;
  return (
    <div class={`${css.trouble} ${tone}`} role={failed ? "alert" : "note"}>
      <Icon name="warning" size={16} />
      <div>
        {(reason !== null || failed) && (
          <p>
            <strong>{message}</strong>
            {end !== undefined && !message.endsWith(end) && <span class={css.exit}>{end}</span>}
          </p>
        )}
        {reason?.hint && <p>{reason.hint}</p>}
        {instance.exposed.length > 0 && (
          <p>
            <strong>Exposed:</strong> it listens on every interface (port {instance.exposed.join(", ")}), so others on
            its network reach it without signing in.
          </p>
        )}
        {lastLines.length > 0 && <pre>{lastLines.map(plainText).join("\n")}</pre>}
      </div>
    </div>
  );
}

function endText(exitCode: number | null, signal: string | null): string {
  if (signal !== null) return signal;
  return exitCode === null ? "no exit code" : `exit code ${exitCode}`;
}
