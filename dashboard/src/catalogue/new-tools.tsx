/** The ways to a custom blueprint: an empty one, or a script that is on this computer. */
import { useRef } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { MAX_BLUEPRINT_BYTES } from "@roundhouse/protocol/limits";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { formatBytes } from "../parts/format.ts";
import { toast, toastError } from "../shell/toasts.tsx";
import { dropBlueprintDraft, keepBlueprintDraft, nameOfFile } from "./blueprint-drafts.ts";

export function NewTools() {
  const [, navigate] = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const blocked = blockedFor("operator");
  const take = async (file: File): Promise<void> => {
    if (file.size > MAX_BLUEPRINT_BYTES) {
      return toast(
        `${file.name} has ${formatBytes(file.size)}; a blueprint has at most ${formatBytes(MAX_BLUEPRINT_BYTES)}.`,
      );
    }
    dropBlueprintDraft("new");
    keepBlueprintDraft("new", { name: nameOfFile(file.name), source: await file.text() });
    navigate("/catalogue/blueprint/new");
  };
  return (
    <>
      <input
        ref={field}
        type="file"
        accept=".sh,text/x-shellscript,text/plain"
        hidden
        aria-label="Script to upload"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) take(file).catch(toastError);
        }}
      />
      <Button icon="upload" blocked={blocked} onClick={() => field.current?.click()}>
        Upload a script
      </Button>
      <Button icon="plus" blocked={blocked} onClick={() => navigate("/catalogue/blueprint/new")}>
        New blueprint
      </Button>
    </>
  );
}
