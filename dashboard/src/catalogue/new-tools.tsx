/** The ways to a custom blueprint: one of either kind to begin with, or a file that is on this computer. */
import { useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { MAX_BLUEPRINT_BYTES } from "@roundhouse/protocol/limits";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { formatBytes } from "../parts/format.ts";
import { Menu } from "../parts/menu.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { keepBlueprintDraft, nameOfFile, newDraftKey } from "./blueprint-drafts.ts";
import { kindOfFile, type WrittenKind } from "./written-kinds.ts";

export function NewTools() {
  const [, navigate] = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const [menuAt, setMenuAt] = useState<DOMRect>();
  const blocked = blockedFor("operator");
  const begin = (kind: WrittenKind): void => navigate(`/catalogue/blueprint/new?kind=${kind}`);
  const take = async (file: File): Promise<void> => {
    if (file.size > MAX_BLUEPRINT_BYTES) {
      return toast(
        `${file.name} has ${formatBytes(file.size)}; a blueprint has at most ${formatBytes(MAX_BLUEPRINT_BYTES)}.`,
      );
    }
    const kind = kindOfFile(file.name);
    keepBlueprintDraft(newDraftKey(kind, null), { name: nameOfFile(file.name), source: await file.text() });
    begin(kind);
  };
  return (
    <>
      <input
        ref={field}
        type="file"
        accept=".sh,.yaml,.yml,text/x-shellscript,text/plain"
        hidden
        aria-label="Script to upload, or YAML of a container"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) take(file).catch(toastError);
        }}
      />
      <Button icon="upload" blocked={blocked} onClick={() => field.current?.click()}>
        Upload a file
      </Button>
      <Button
        icon="plus"
        blocked={blocked}
        aria-haspopup="menu"
        onClick={(event) => setMenuAt(event.currentTarget.getBoundingClientRect())}
      >
        New blueprint
      </Button>
      {menuAt && (
        <Menu
          label="New blueprint"
          items={[
            { label: "Script", icon: "logs", act: () => begin("bash") },
            { label: "Container", icon: "nodes", act: () => begin("container") },
          ]}
          x={menuAt.left}
          y={menuAt.bottom}
          onClose={() => setMenuAt(undefined)}
        />
      )}
    </>
  );
}
