/** The buttons at the end of a row. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blockedFor } from "../api/session.ts";
import { IconButton, IconLink } from "../parts/button.tsx";
import { act, canStart } from "./actions.ts";
import type { RowVerbs } from "./row.tsx";
import css from "./table.module.css";

type RowActionsProps = {
  instance: Instance;
  /** Only the selected row's buttons are in the tab order. */
  tabIndex: number;
  verbs: RowVerbs;
};

export function RowActions({ instance, tabIndex, verbs }: RowActionsProps) {
  const deleting = instance.desired === "deleted" ? "It is being deleted." : undefined;
  const blocked = deleting ?? blockedFor("operator");
  const start = canStart(instance);
  const notRunning = start ? "It is not running." : undefined;
  return (
    <div class={css.buttons}>
      <IconButton
        icon={start ? "play" : "stop"}
        label={start ? `Start ${instance.name}` : `Stop ${instance.name}`}
        blocked={blocked}
        tabIndex={tabIndex}
        onClick={() => void act(instance, start ? "start" : "stop")}
      />
      <IconButton
        icon="restart"
        label={`Restart ${instance.name}`}
        blocked={blocked ?? notRunning}
        tabIndex={tabIndex}
        onClick={() => void act(instance, "restart")}
      />
      {blocked === undefined && notRunning === undefined ? (
        <IconLink icon="open" label={`Open ${instance.name}`} href={`/open/${instance.id}`} tabIndex={tabIndex} />
      ) : (
        <IconButton icon="open" label={`Open ${instance.name}`} blocked={blocked ?? notRunning} tabIndex={tabIndex} />
      )}
      <IconButton
        icon="logs"
        label={`Log of ${instance.name}`}
        tabIndex={tabIndex}
        onClick={() => verbs.onLog(instance.id)}
      />
      <IconButton
        icon="trash"
        tone="bad"
        label={`Delete ${instance.name}`}
        blocked={blocked}
        tabIndex={tabIndex}
        onClick={() => verbs.onDelete(instance.id)}
      />
      <IconButton
        icon="more"
        label={`More for ${instance.name}`}
        aria-haspopup="menu"
        tabIndex={tabIndex}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          verbs.onMenu(instance.id, left, bottom);
        }}
      />
    </div>
  );
}
