/** The catalogue: what can be installed. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useSearch } from "wouter-preact";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import { blueprintsQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { InstallDialog } from "./install-dialog.tsx";
import { needsInShort } from "./needs-words.ts";
import { NewTools } from "./new-tools.tsx";
import { OwnTools } from "./own-tools.tsx";
import css from "./page.module.css";

export function CataloguePage() {
  const { data: blueprints = [], error, isPending } = useQuery(blueprintsQuery);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Blueprint | null>(null);
  // From a node that has just arrived: it is the one to install on.
  const nodeId = new URLSearchParams(useSearch()).get("node");
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = blueprints.filter((blueprint) => {
    const all = [blueprint.name, blueprint.title, blueprint.category, blueprint.description, blueprint.kind].join(" ");
    return words.every((word) => all.toLowerCase().includes(word));
  });
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Catalogue</h1>
          <p class={frame.quiet}>Apps that install themselves on a node and open at their own URL</p>
        </div>
        <input
          class={frame.filter}
          type="search"
          placeholder="Filter"
          aria-label="Filter the catalogue"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <NewTools />
      </header>
      <ErrorNotice error={error} />
      {shown.length === 0 && !isPending && !error && (
        <EmptyPlace title={text === "" ? "The catalogue is empty" : "Nothing matches the filter"} />
      )}
      <ul class={css.cards}>
        {shown.map((blueprint) => (
          <BlueprintCard key={blueprint.id} blueprint={blueprint} onInstall={() => setChosen(blueprint)} />
        ))}
      </ul>
      {chosen && <InstallDialog blueprint={chosen} nodeId={nodeId} onClose={() => setChosen(null)} />}
    </div>
  );
}

function BlueprintCard({ blueprint, onInstall }: { blueprint: Blueprint; onInstall: () => void }) {
  const needs = needsInShort(blueprint.needs);
  const tags = [blueprint.category, blueprint.kind, blueprint.origin === "custom" ? "custom" : null];
  return (
    <li class={css.card}>
      <BlueprintIcon blueprint={blueprint} />
      <div class={css.text}>
        <h2>{blueprint.title}</h2>
        <p class={css.tags}>{tags.filter(Boolean).join(" · ")}</p>
      </div>
      <p class={css.description}>{blueprint.description ?? "No description."}</p>
      {needs && <p class={css.needs}>Needs {needs}</p>}
      <div class={css.foot}>
        <Button
          icon="plus"
          aria-label={`Install ${blueprint.title}`}
          blocked={blockedFor("operator")}
          onClick={onInstall}
        >
          Install
        </Button>
        <OwnTools blueprint={blueprint} />
      </div>
    </li>
  );
}

/** The blueprint's own icon, or its first letter. */
export function BlueprintIcon({ blueprint }: { blueprint: Blueprint }) {
  const [broken, setBroken] = useState(false);
  if (blueprint.icon === null || broken) {
    return (
      <span class={css.letter} aria-hidden="true">
        {blueprint.title.charAt(0).toUpperCase()}
      </span>
    );
  }
  return (
    <img
      class={css.icon}
      src={blueprint.icon}
      alt=""
      width={40}
      height={40}
      loading="lazy"
      onError={() => setBroken(true)}
    />
  );
}
