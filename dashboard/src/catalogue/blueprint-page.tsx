/** Writes a custom blueprint: its script, what the catalogue will say of it, and what is wrong with it. */
import { useSearch } from "wouter-preact";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { later } from "../parts/later.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import css from "./blueprint-page.module.css";
import { HeaderPreview } from "./header-preview.tsx";
import { ProblemList } from "./problem-list.tsx";
import { useBlueprint } from "./use-blueprint.ts";

const CodeEditor = later(async () => (await import("../files/code-editor.tsx")).CodeEditor, { ahead: false });

export function BlueprintPage({ params }: { params: { id: string } }) {
  const from = new URLSearchParams(useSearch()).get("from");
  const page = useBlueprint(params.id, from);
  const { isNew, name, saved, error } = page;
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
          {saved !== undefined && (
            <CodeEditor
              key={`${params.id} ${from}`}
              label="Script of the blueprint"
              text={page.source}
              savedText={saved}
              language="shell"
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
          <HeaderPreview source={page.source} />
        </aside>
      </div>
    </div>
  );
}
