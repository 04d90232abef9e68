/** A text of an instance, to be read and changed. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { OWN_SOURCE } from "@roundhouse/protocol/own-source";
import { ApiError } from "../api/errors.ts";
import { blockedFor } from "../api/session.ts";
import { isWritten } from "../catalogue/written-kinds.ts";
import { act, canStart } from "../instances/actions.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { later } from "../parts/later.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import type { Spot } from "./api.ts";
import { BlueprintDialog } from "./blueprint-dialog.tsx";
import { isDirty } from "./drafts.ts";
import { UnsavedDialog } from "./file-dialogs.tsx";
import css from "./files.module.css";
import { languageOf } from "./kinds.ts";
import { nameOf } from "./place.ts";
import { type Editor, useEditor } from "./use-editor.ts";

const CodeEditor = later(async () => (await import("./code-editor.tsx")).CodeEditor, { ahead: false });

type EditorProps = {
  instance: Instance;
  spot: Spot;
  onDownload: () => void;
  onLeave: () => void;
  /** Stands there when the file does not exist. */
  missing?: ComponentChildren;
};

export function EditorPane({ instance, spot, onDownload, onLeave, missing }: EditorProps) {
  const editor = useEditor(spot);
  const [asked, setAsked] = useState<"leave" | "blueprint" | null>(null);
  const name = nameOf(spot.path);
  const saveAnd: SaveAnd = async (restart, over) => {
    try {
      if (!(await editor.save(over))) return;
      if (restart) await act(instance, "restart");
      toast(restart ? `Saved. ${instance.name} restarts.` : savedWords(instance, spot));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <>
      <EditorTools
        {...{ instance, spot, onDownload, saveAnd }}
        isText={editor.loaded.state === "text"}
        saving={editor.saving}
        onBlueprint={() => setAsked("blueprint")}
        onBack={() => (isDirty(spot) ? setAsked("leave") : onLeave())}
      />
      <ConflictBar editor={editor} saveAnd={saveAnd} />
      <div class={css.stage}>
        <Content {...{ editor, spot, onDownload, missing }} onSave={() => void saveAnd(false)} />
      </div>
      {asked === "blueprint" && (
        <BlueprintDialog
          suggestion={`${instance.slug}-custom`}
          kind={instance.kind}
          source={editor.text()}
          onClose={() => setAsked(null)}
        />
      )}
      {asked === "leave" && (
        <UnsavedDialog
          name={name}
          onClose={() => setAsked(null)}
          onDiscard={() => {
            editor.discard();
            onLeave();
          }}
        />
      )}
    </>
  );
}

type SaveAnd = (restart: boolean, over?: string | null) => Promise<void>;
type ToolsProps = {
  instance: Instance;
  spot: Spot;
  isText: boolean;
  saving: boolean;
  saveAnd: SaveAnd;
  onBlueprint: () => void;
  onDownload: () => void;
  onBack: () => void;
};

function EditorTools({ instance, spot, isText, saving, saveAnd, onBlueprint, onDownload, onBack }: ToolsProps) {
  const name = nameOf(spot.path);
  const dirty = isDirty(spot);
  const blocked = blockedFor("operator") ?? (isText ? undefined : "There is no text to save.");
  return (
    <div class={css.tools} role="toolbar" aria-label="Editor">
      <strong class={css.fileName}>{name}</strong>
      <span class={css.dirty} aria-live="polite">
        {dirty ? "● not saved" : ""}
      </span>
      <span class={css.space} />
      {isText && isWritten(instance.kind) && isOwnSource(instance, spot) && (
        <Button icon="catalogue" blocked={blockedFor("operator")} onClick={onBlueprint}>
          Save as blueprint
        </Button>
      )}
      {!canStart(instance) && (
        <Button icon="restart" blocked={blocked} busy={saving} onClick={() => void saveAnd(true)}>
          Save and restart
        </Button>
      )}
      <Button
        look={dirty ? "primary" : "plain"}
        icon="check"
        title="Save (Ctrl+S)"
        blocked={blocked}
        busy={saving}
        onClick={() => void saveAnd(false)}
      >
        Save
      </Button>
      <IconButton icon="download" label={`Download ${name}`} onClick={onDownload} />
      <IconButton icon="close" label="Back to the list" onClick={onBack} />
    </div>
  );
}

/** Somebody else changed the file: a person decides whose text stays. */
function ConflictBar({ editor: { conflict, loadAgain }, saveAnd }: { editor: Editor; saveAnd: SaveAnd }) {
  if (!conflict) return null;
  const isGone = conflict.etag === null;
  return (
    <div class={css.conflict} role="alert">
      <p>
        <strong>{isGone ? "It is no longer on the node." : "It was changed on the node meanwhile."}</strong> Nothing was
        saved; what you typed is still here.
      </p>
      <Button onClick={() => void saveAnd(false, conflict.etag)}>
        {isGone ? "Save it again" : "Overwrite it with mine"}
      </Button>
      {!isGone && <Button onClick={loadAgain}>Discard mine and load it</Button>}
    </div>
  );
}

type ContentProps = Pick<EditorProps, "spot" | "onDownload" | "missing"> & { editor: Editor; onSave: () => void };

function Content({ editor: { loaded, onReady, onDirty }, spot, missing, onDownload, onSave }: ContentProps) {
  const name = nameOf(spot.path);
  switch (loaded.state) {
    case "reading":
      return null;
    case "failed":
      return missing && isMissing(loaded.error) ? <>{missing}</> : <ErrorNotice error={loaded.error} />;
    case "binary":
      return (
        <EmptyPlace title="This is no text">
          <p>It is not UTF-8, so editing would spoil it. Download it to look at it with another program.</p>
          <Button look="primary" icon="download" onClick={onDownload}>
            Download
          </Button>
        </EmptyPlace>
      );
    case "text":
      return (
        <CodeEditor
          key={`${spot.root} ${spot.path} ${loaded.load}`}
          label={`Text of ${name}`}
          text={loaded.draft?.text ?? loaded.saved.text}
          savedText={loaded.saved.text}
          language={languageOf(name)}
          {...{ onReady, onDirty, onSave }}
        />
      );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Whether it is what the instance runs: its own copy of its blueprint. */
function isOwnSource({ kind }: Instance, { root, path }: Spot): boolean {
  return root === "instance" && path === OWN_SOURCE[kind];
}

function savedWords(instance: Instance, spot: Spot): string {
  const takesEffectLater = isOwnSource(instance, spot) && !canStart(instance);
  return takesEffectLater ? `Saved. ${instance.name} takes it over at its next start.` : "Saved.";
}
