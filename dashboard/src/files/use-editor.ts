/** The life of one text in the editor: read from the node, typed in, saved over the version it was made from. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/errors.ts";
import { readText, type Spot, type Text, writeText } from "./api.ts";
import type { EditorHandle } from "./code-editor.tsx";
import { type Draft, draftOf, dropDraft, keepDraft, keyOf, markDirty } from "./drafts.ts";

/** `etag` is the version that is there now; null when the file is gone. */
type Conflict = { etag: string | null };
export type Loaded = { state: "reading" } | { state: "failed"; error: unknown } | { state: "binary" } | TextLoaded;
type TextLoaded = { state: "text"; saved: Text; draft: Draft | undefined; load: number };

export function useEditor(spot: Spot) {
  const key = keyOf(spot);
  const [loaded, setLoaded] = useState<Loaded>({ state: "reading" });
  const [loads, setLoads] = useState(0);
  const [conflict, setConflict] = useState<Conflict>();
  const [saving, setSaving] = useState(false);
  const handle = useRef<EditorHandle>();
  const etag = useRef<string | null>(null);
  const dirty = useRef(false);

  useEffect(() => {
    const gone = new AbortController();
    setLoaded({ state: "reading" });
    readText(spot, gone.signal)
      .then((saved) => {
        const draft = draftOf(spot);
        etag.current = draft ? draft.etag : (saved?.etag ?? null);
        setLoaded(saved ? { state: "text", saved, draft, load: loads } : { state: "binary" });
      })
      .catch((error: unknown) => gone.signal.aborted || setLoaded({ state: "failed", error }));
    return () => {
      gone.abort();
      // What was typed waits for the person to come back.
      if (dirty.current && handle.current) keepDraft(spot, { text: handle.current.text(), etag: etag.current });
      dirty.current = false;
      markDirty(spot, false);
      handle.current = undefined;
    };
  }, [key, loads]);

  const onDirty = (isDirty: boolean): void => {
    if (!isDirty) dropDraft(spot);
    dirty.current = isDirty;
    markDirty(spot, isDirty);
  };

  const save = async (over: string | null = etag.current): Promise<boolean> => {
    if (!handle.current || saving) return false;
    setSaving(true);
    try {
      const written = await write(spot, handle.current.text(), over);
      setConflict("conflict" in written ? written.conflict : undefined);
      if ("conflict" in written) return false;
      etag.current = written.etag;
      handle.current.markSaved();
      return true;
    } finally {
      setSaving(false);
    }
  };

  /** Forgets what was typed. */
  const discard = (): void => {
    dropDraft(spot);
    dirty.current = false;
    markDirty(spot, false);
  };
  const loadAgain = (): void => {
    discard();
    setConflict(undefined);
    setLoads(loads + 1);
  };
  const onReady = (ready: EditorHandle): void => void (handle.current = ready);
  return {
    loaded,
    conflict,
    saving,
    onReady,
    onDirty,
    save,
    discard,
    loadAgain,
    text: () => handle.current?.text() ?? "",
  };
}

export type Editor = ReturnType<typeof useEditor>;

/** Rejects with what is wrong; a version that is not the expected one is the conflict. */
async function write(
  spot: Spot,
  text: string,
  over: string | null,
): Promise<{ etag: string | null } | { conflict: Conflict }> {
  try {
    return await writeText(spot, text, over);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "file_changed")) throw error;
    return { conflict: { etag: etagOf(error.details) } };
  }
}

function etagOf(details: unknown): string | null {
  const etag = (details as { etag?: unknown } | undefined)?.etag;
  return typeof etag === "string" ? etag : null;
}
