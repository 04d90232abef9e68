/** Where an app is reached, or why it is not. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blockedFor } from "../api/session.ts";
import { plainText } from "../logs/ansi.ts";
import { groupOf } from "./rows.ts";
import css from "./table.module.css";

export function Exposed() {
  const words = "It listens on every interface: others on the node's network can reach it without a grant.";
  return (
    <span class={css.exposed} role="img" aria-label={`Exposed. ${words}`} title={`Exposed. ${words}`}>
      !
    </span>
  );
}

/** The URL once there is something behind it; until then why not, or the last thing the app said. */
export function AddressOrNews({ instance, tabIndex }: { instance: Instance; tabIndex: number }) {
  const group = groupOf(instance);
  if (instance.reason !== null && group === "problem") {
    return (
      <span class={css.reason} title={instance.reason.message}>
        {instance.reason.message}
      </span>
    );
  }
  const lastLine = instance.lastLines.at(-1);
  if (group === "busy" && lastLine) return <span class={css.news}>{plainText(lastLine)}</span>;
  const host = new URL(instance.url).host;
  if (group !== "running" || blockedFor("operator") !== undefined) return <span class={css.none}>{host}</span>;
  return (
    <a href={`/open/${instance.id}`} target="_blank" rel="noopener" title={instance.url} tabIndex={tabIndex}>
      {host}
    </a>
  );
}
