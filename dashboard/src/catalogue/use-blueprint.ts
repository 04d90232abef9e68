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
import { blueprintDraft, dropBlueprintDraft, keepBlueprintDraft } from "./blueprint-drafts.ts";
import { suggestName } from "./suggest-name.ts";
import { NEW_BLUEPRINT } from "./template.ts";

export const NEW = "new";

/** `id` is NEW or a custom blueprint's; `from` is the one that a new one is a copy of. */
export function useBlueprint(id: string, from: string | null) {
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
  const draft = blueprintDraft(id);
  const saved = readId === null ? NEW_BLUEPRINT : read.data?.source;
  const taken = all.map(({ name }) => name);
  const suggestion = isNew ? suggestName(read.data ? `${read.data.name}-custom` : "my-app", taken) : "";
  const name = isNew ? (draft?.name ?? suggestion) : (read.data?.name ?? "");
  const source = draft?.source ?? saved ?? "";
  const note = (change: Partial<{ name: string; source: string }>): void => {
    keepBlueprintDraft(id, { name, source, ...change });
  };
  // By the rules that the control plane has when it is saved.
  const problems = useMemo(() => checkBlueprint("bash", source), [source]);
  useEffect(() => editor.current?.showProblems(problems), [problems]);
  const onReady = (handle: EditorHandle): void => {
    editor.current = handle;
    handle.showProblems(problems);
  };

  const { submit, busy, error } = useSubmit(async () => {
    const made = await send(isNew ? null : id, name, source);
    dropBlueprintDraft(id);
    await queryClient.invalidateQueries({ queryKey: blueprintsQuery.queryKey });
    toast(
      isNew
        ? `${made.title} is in the catalogue, as ${made.name}.`
        : `${made.name} is saved. Instances made before keep theirs.`,
    );
    navigate("/catalogue");
  });
  const leave = (): void => {
    dropBlueprintDraft(id);
    navigate("/catalogue");
  };
  return {
    ...{ isNew, name, source, saved, problems, editor, onReady, note, leave, submit, busy, error },
    isDirty: draft !== undefined,
    readError: read.error,
  };
}

function send(id: string | null, name: string, source: string): Promise<Blueprint> {
  if (id !== null) return call("PUT", `/api/blueprints/${id}`, { source } satisfies PutBlueprint);
  return call("POST", "/api/blueprints", { name, kind: "bash", source } satisfies CreateBlueprint);
}
