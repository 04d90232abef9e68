/** The small questions about a file: its name, and whether it shall go. */
import { useState } from "preact/hooks";
import type { FileEntry } from "@roundhouse/protocol/files";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { RemoveDialog } from "../parts/remove-dialog.tsx";
import { useSubmit } from "../parts/submit.ts";

type NameDialogProps = {
  title: string;
  action: string;
  initial?: string;
  help?: string;
  /** Rejects with what is wrong. */
  onName: (name: string) => Promise<void>;
  onClose: () => void;
};

export function NameDialog({ title, action, initial = "", help, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState(initial);
  const [missing, setMissing] = useState<string>();
  const { submit, busy, error } = useSubmit(async () => {
    if (name === "") return setMissing("Give it a name.");
    setMissing(undefined);
    await onName(name);
    onClose();
  });
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          {action}
        </Button>
      }
    >
      <ErrorNotice error={error} />
      <TextField label="Name" mono value={name} error={missing} help={help} onInput={setName} />
    </Dialog>
  );
}

type DeleteProps = { entry: FileEntry; remove: () => Promise<void>; onClose: () => void };

export function DeleteFileDialog({ entry, remove, onClose }: DeleteProps) {
  return (
    <RemoveDialog name={entry.name} remove={remove} onClose={onClose}>
      <p>{consequence(entry)}</p>
    </RemoveDialog>
  );
}

function consequence({ kind }: FileEntry): string {
  if (kind === "folder") return "The folder goes with everything in it, at once and for good.";
  if (kind === "link") return "Only the link goes; what it leads to stays.";
  return "The file goes at once and for good: there is no trash for single files.";
}

type LeaveProps = {
  name: string;
  onDiscard: () => void;
  onClose: () => void;
  /** What that means, where it is no file. */
  children?: string;
};

export function UnsavedDialog({ name, onDiscard, onClose, children }: LeaveProps) {
  return (
    <Dialog
      title={`Leave ${name} unsaved?`}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={onClose}>
            Keep editing
          </Button>
          <Button look="danger" onClick={onDiscard}>
            Discard the changes
          </Button>
        </>
      }
    >
      <p>{children ?? "What you typed is not on the node yet."}</p>
    </Dialog>
  );
}
