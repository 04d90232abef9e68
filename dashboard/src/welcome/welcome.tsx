/** What stands in the pane while nothing is selected: the roundhouse, its board, and the keys to begin with. */
import { useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import { instancesQuery, nodesQuery } from "../api/queries.ts";
import { IconButton } from "../parts/button.tsx";
import { Departures } from "./departures.tsx";
import { stallsOf } from "./stalls.ts";
import { Turntable } from "./turntable.tsx";
import { isWelcome } from "./wanted.ts";
import css from "./welcome.module.css";

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["↑ ↓", "choose"],
  ["Enter", "log"],
  ["t", "terminal"],
  ["/", "filter"],
  ["?", "all keys"],
];

export function Welcome() {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const { data: instances = [] } = useQuery(instancesQuery);
  return (
    <section class={css.welcome} aria-label="Welcome">
      <Turntable stalls={stallsOf(nodes, instances)} />
      <div class={css.words}>
        <h2 class={css.title}>All aboard</h2>
        <Departures nodes={nodes} instances={instances} />
        <p class={css.ways}>
          {instances.length > 0 && "Choose an instance above, or "}
          <Link href="/catalogue">{instances.length > 0 ? "install another app" : "Install an app"}</Link>
          {" · "}
          <Link href="/nodes/add">add a node</Link>
        </p>
        <p class={css.keys}>
          {KEYS.map(([keys, meaning]) => (
            <span key={keys}>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}{" "}
              {meaning}
            </span>
          ))}
        </p>
      </div>
      <span class={css.close}>
        <IconButton icon="close" label="Do not show this again" onClick={() => (isWelcome.value = false)} />
      </span>
    </section>
  );
}
