/** The state of one custom blueprint while it is written: new, copied from another one, or an existing one. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { Blueprint, CreateBlueprint, PutBlueprint } from "@roundhouse/protocol/api/blueprint";
import { checkBlueprint } from "@roundhouse/protocol/blueprint-check";
import { call } from "../api/call.ts";
import { blueprintsQuery, queryClient } from "../api/queries.ts";
import type { EditorHandle } from "../files/code-editor.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { blueprintDraft, dropBlueprintDraft, keepBlueprintDraft, newDraftKey } from "./blueprint-drafts.ts";
import { suggestName } from "./suggest-name.ts";
import { NEW_BLUEPRINT } from "./template.ts";
import type { WrittenKind } from "./written-kinds.ts";

export const NEW = "new";

/** `id` is NEW or a custom blueprint's; a new one is a copy of `from`, or begins as one of the kind. */
export type Subject = { id: string; from: string | null; begins: WrittenKind };

export function useBlueprint({ id, from, begins }: Subject) {
  const isNew = id === NEW;
  const readId = isNew ? from : id;
  const [, navigate] = useLocation();
  const { data: all = [] } = useQuery(blueprintsQuery);
  const read = useQuery({
    queryKey: ["blueprint", readId],
    queryFn: () => call<Blueprint>("GET", `/api/blueprints/${encodeURIComponent(readId ?? "")}`),
    enabled: readId !== null,
    staleTime: 0,
    // Another person's save must not take away what is typed here.
    refetchOnWindowFocus: false,
  });
  const editor = useRef<EditorHandle>();
  const key = isNew ? newDraftKey(begins, from) : id;
  const draft = blueprintDraft(key);
  const begun = { kind: begins, source: NEW_BLUEPRINT[begins] };
  const { kind, source: saved } = readId === null ? begun : { kind: read.data?.kind, source: read.data?.source };
  const taken = all.map(({ name }) => name);
  const suggestion = isNew ? suggestName(read.data ? `${read.data.name}-custom` : "my-app", taken) : "";
  const name = isNew ? (draft?.name ?? suggestion) : (read.data?.name ?? "");
  const source = draft?.source ?? saved ?? "";
  const note = (change: Partial<{ name: string; source: string }>): void => {
    keepBlueprintDraft(key, { name, source, ...change });
  };
  // By the rules that the control plane has when it is saved.
  const problems = useMemo(() => (kind === undefined ? [] : checkBlueprint(kind, source)), [kind, source]);
  useEffect(() => editor.current?.showProblems(problems), [problems]);
  const onReady = (handle: EditorHandle): void => {
    editor.current = handle;
    handle.showProblems(problems);
  };

  const { submit, busy, error } = useSubmit(async () => {
    if (kind === undefined) return;
    const made = await (isNew ? create({ name, kind, source }) : put(id, { source }));
    dropBlueprintDraft(key);
    await queryClient.invalidateQueries({ queryKey: blueprintsQuery.queryKey });
    toast(
      isNew
        ? `${made.title} is in the catalogue, as ${made.name}.`
        : `${made.name} is saved. Instances made before keep theirs.`,
    );
    navigate("/catalogue");
  });
  const leave = (): void => {
    dropBlueprintDraft(key);
    navigate("/catalogue");
  };
  return {
    ...{ isNew, key, kind, name, source, saved, problems, editor, onReady, note, leave, submit, busy, error },
    isDirty: draft !== undefined,
    readError: read.error,
  };
}

function create(wish: CreateBlueprint): Promise<Blueprint> {
  return call("POST", "/api/blueprints", wish);
}

function put(id: string, wish: PutBlueprint): Promise<Blueprint> {
  return call("PUT", `/api/blueprints/${id}`, wish);
}
