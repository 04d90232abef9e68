/** The terminals of one instance: which one is shown, another one, the end of one, and why there may be none. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { queryClient, terminalsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { IconButton } from "../parts/button.tsx";
import { EmptyPlace } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { DEFAULT_TERMINAL_NAME, freeName } from "./names.ts";
import css from "./terminal.module.css";
import { TerminalView } from "./terminal-view.tsx";

type TerminalPaneProps = { instance: Instance; node: Node | undefined };

/** Give it the instance's id as key. */
export function TerminalPane({ instance, node }: TerminalPaneProps) {
  const blocked = blockedFor("operator");
  // What was opened stays when its node goes: it comes back by itself.
  const [isOpened, setOpened] = useState(false);
  const isOffline = node?.status === "offline";
  if (blocked !== undefined) {
    return <EmptyPlace title="No terminal for you">{<p>A terminal is a shell on the node. {blocked}</p>}</EmptyPlace>;
  }
  if (isOffline && !isOpened) {
    return (
      <EmptyPlace title={`${node.name} is offline`}>
        <p>A terminal opens here as soon as its worker agent is back. The node's page says since when it is away.</p>
      </EmptyPlace>
    );
  }
  return <Terminals instance={instance} onOpen={() => setOpened(true)} />;
}

function Terminals({ instance, onOpen }: { instance: Instance; onOpen: () => void }) {
  const { data = [] } = useQuery(terminalsQuery(instance.id));
  const [name, setName] = useState(DEFAULT_TERMINAL_NAME);
  /** Grows when a terminal that has ended is opened anew. */
  const [round, setRound] = useState(0);
  const [isClosing, setClosing] = useState(false);
  const shown = data.find((terminal) => terminal.name === name);
  const names = [...new Set([...data.map((terminal) => terminal.name), name])];
  const read = (): void => void queryClient.invalidateQueries({ queryKey: ["terminal", instance.id] });
  return (
    <section class={css.pane} aria-label={`Terminal of ${instance.name}`}>
      <TerminalView
        key={`${name} ${round}`}
        instanceId={instance.id}
        name={name}
        label={`Terminal ${name} of ${instance.name}. Ctrl+Shift+Up leaves it.`}
        onOpen={() => {
          onOpen();
          read();
        }}
        onAgain={() => setRound(round + 1)}
      >
        <select
          class={css.names}
          aria-label="Shown terminal"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        >
          {names.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <IconButton icon="plus" label="Open another terminal" onClick={() => setName(freeName(names))} />
        <span class={css.hint}>
          <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>↑</kbd> leaves the terminal
        </span>
        <IconButton
          icon="trash"
          tone="bad"
          label={`Close ${name} for good`}
          blocked={shown ? undefined : "It is not open."}
          onClick={() => setClosing(true)}
        />
      </TerminalView>
      {isClosing && shown && (
        <RemoveDialog
          name={`the terminal ${name}`}
          remove={async () => {
            await call("DELETE", `/api/instances/${instance.id}/terminals/${shown.id}`);
            read();
          }}
          onClose={() => setClosing(false)}
        >
          <p>Everything that was started in it ends, and what it printed is gone.</p>
        </RemoveDialog>
      )}
    </section>
  );
}
