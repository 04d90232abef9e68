/** The selected instance: what it is doing, what is wrong with it, and one or two places with its log, terminal, files, … */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blockedFor } from "../api/session.ts";
import { plainText } from "../logs/ansi.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { formatBytes } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { Divided } from "../parts/divided.tsx";
import { later } from "../parts/later.tsx";
import { sentPercent, uploads } from "../uploads/uploads.ts";
import { act, canStart } from "./actions.ts";
import { OpenButton } from "./open-button.tsx";
import { chooseTab, divide, paneWay, secondShare } from "./arrangement.ts";
import { PanePlace } from "./pane-place.tsx";
import { PANE_TABS, type Shown } from "./pane-tabs.tsx";
import css from "./pane.module.css";
import { shownStatus } from "./rows.ts";
import { paneTab, secondTab, shownSecondTab } from "./selection.ts";
import { Status } from "./status.tsx";

const InstanceUse = later(async () => (await import("../stats/instance-use.tsx")).InstanceUse);
const NodeStrip = later(async () => (await import("../stats/node-strip.tsx")).NodeStrip);

/** What a person asked to do with an instance, in a dialog. */
export type Ask = "copy" | "delete" | "edit" | "satellite" | "share" | "upload";

const APPS_OFF = "App URLs of its node are off until an admin confirms them under Nodes.";

const SATELLITE_HAS_NONE = "A satellite has none of its own: make one of its parent.";

type PaneProps = Shown & {
  onAsk: (ask: Ask) => void;
  /** At a place of the window. */
  onMenu: (x: number, y: number) => void;
  onClose: () => void;
};

export function InstancePane({ instance, node, onAsk, onMenu, onClose }: PaneProps) {
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
          {instance.diskBytes !== null && ` · ${formatBytes(instance.diskBytes)} on disk`}
          {node && !start && <InstanceUse instance={instance} node={node} before=" · " />}
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
          <IconButton icon="pencil" label="Edit" blocked={blocked} onClick={() => onAsk("edit")} />
          <span class={css.spare}>
            <IconButton
              icon="branch"
              label="New satellite"
              blocked={blocked ?? (instance.parent === null ? undefined : SATELLITE_HAS_NONE)}
              onClick={() => onAsk("satellite")}
            />
            <IconButton icon="trash" tone="bad" label="Delete" blocked={blocked} onClick={() => onAsk("delete")} />
          </span>
          <MoreButton onMenu={onMenu} />
        </span>
        <span class={css.frame}>
          <WayButton />
          <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
        </span>
      </header>
      <Trouble instance={instance} />
      <Places instance={instance} node={node} />
      {node && <NodeStrip node={node} />}
    </div>
  );
}

/** Where the app listens, which may be elsewhere than it was told. */
function portText({ ports, port }: Instance): string {
  const main = ports[0]?.port ?? port;
  return main === null ? "" : ` · port ${main}`;
}

function MoreButton({ onMenu }: Pick<PaneProps, "onMenu">) {
  return (
    <IconButton
      icon="more"
      label="More"
      aria-haspopup="menu"
      onClick={(event) => {
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        onMenu(left, bottom);
      }}
    />
  );
}

function WayButton() {
  const isBelow = paneWay.value === "rows";
  return (
    <span class={css.way}>
      <IconButton
        icon={isBelow ? "columns" : "rows"}
        label={isBelow ? "Put the pane beside the table" : "Put the pane below the table"}
        onClick={() => (paneWay.value = isBelow ? "columns" : "rows")}
      />
    </span>
  );
}

/** One place, or two side by side. */
function Places({ instance, node }: Shown) {
  const second = shownSecondTab();
  const divideNow = (): void => divide(PANE_TABS.map(({ id }) => id));
  return (
    <Divided
      way="columns"
      share={secondShare}
      label="Width of the second place"
      first={
        <PanePlace
          {...{ instance, node }}
          label={`Parts of ${instance.name}`}
          tab={paneTab.value}
          onTab={(tab) => chooseTab("first", tab)}
          tools={
            second === undefined && (
              <span class={css.way}>
                <IconButton icon="beside" label="Show something beside it" onClick={divideNow} />
              </span>
            )
          }
        />
      }
      second={
        second === undefined ? null : (
          <PanePlace
            {...{ instance, node }}
            label={`Parts of ${instance.name} beside`}
            tab={second}
            onTab={(tab) => chooseTab("second", tab)}
            tools={<IconButton icon="close" label="Close what is beside" onClick={() => (secondTab.value = "")} />}
          />
        )
      }
    />
  );
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
