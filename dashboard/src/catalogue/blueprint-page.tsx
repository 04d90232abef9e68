/** Writes a custom blueprint: its source, what the catalogue will say of it, and what is wrong with it. */
import { useSearch } from "wouter-preact";
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { blockedFor } from "../api/session.ts";
import { languageOf } from "../files/kinds.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { later } from "../parts/later.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import css from "./blueprint-page.module.css";
import { ContainerPreview } from "./container-preview.tsx";
import { HeaderPreview } from "./header-preview.tsx";
import { ProblemList } from "./problem-list.tsx";
import { useBlueprint } from "./use-blueprint.ts";

const CodeEditor = later(async () => (await import("../files/code-editor.tsx")).CodeEditor, { ahead: false });

export function BlueprintPage({ params }: { params: { id: string } }) {
  const asked = new URLSearchParams(useSearch());
  const begins = asked.get("kind") === "container" ? "container" : "bash";
  const page = useBlueprint({ id: params.id, from: asked.get("from"), begins });
  const { isNew, kind, name, saved, error } = page;
  const blocked = blockedFor("operator") ?? (saved === undefined ? "It is still being read." : undefined);
  const nameError = fieldErrors(error)["name"];
  return (
    <div class={css.page}>
      <header class={frame.head}>
        <h1>{isNew ? "New blueprint" : name}</h1>
        <span class={css.dirty} aria-live="polite">
          {page.isDirty ? "● not saved" : ""}
        </span>
        <Button onClick={page.leave}>{page.isDirty ? "Discard" : "Back"}</Button>
        <Button look="primary" icon="check" blocked={blocked} busy={page.busy} onClick={page.submit}>
          {isNew ? "Add to the catalogue" : "Save"}
        </Button>
      </header>
      <ErrorNotice error={page.readError} />
      <ErrorNotice error={formError(error, ["name"])} />
      <div class={css.columns}>
        <div class={css.code}>
          {kind !== undefined && saved !== undefined && (
            <CodeEditor
              key={page.key}
              label={`${kind === "container" ? "YAML" : "Script"} of the blueprint`}
              text={page.source}
              savedText={saved}
              language={languageOf(OWN_SOURCE[kind])}
              onReady={page.onReady}
              onDirty={() => undefined}
              onText={(source) => page.note({ source })}
              onSave={page.submit}
            />
          )}
        </div>
        <aside class={css.side} aria-label="What the catalogue will say">
          {isNew && (
            <TextField
              label="Name"
              mono
              value={name}
              error={nameError}
              help="Letters, digits, dash and underscore. Instances refer to it."
              onInput={(next) => page.note({ name: next })}
            />
          )}
          <ProblemList problems={page.problems} onGo={(line) => page.editor.current?.goTo(line)} />
          {kind === "bash" && <HeaderPreview source={page.source} />}
          {kind === "container" && <ContainerPreview source={page.source} />}
        </aside>
      </div>
    </div>
  );
}
