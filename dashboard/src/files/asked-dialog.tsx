/** The dialogs of the files: each asks one thing, does it, and has the list read again. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { FileEntry } from "@roundhouse/protocol/files";
import { later } from "../parts/later.tsx";
import { makeFolder, moveFile, removeFile, type Spot, writeText } from "./api.ts";
import { moveDrafts } from "./drafts.ts";
import { DeleteFileDialog, NameDialog } from "./file-dialogs.tsx";
import { joinPath } from "./place.ts";
import { Viewer } from "./viewer.tsx";

const UploadDialog = later(async () => (await import("../uploads/upload-dialog.tsx")).UploadDialog);

export type Asked =
  | { to: "new-file" | "new-folder" | "upload" }
  | { to: "rename" | "delete" | "view"; entry: FileEntry };

type AskedProps = {
  asked: Asked;
  instance: Instance;
  folder: Spot;
  viewable: readonly FileEntry[];
  spotOf: (name: string) => Spot;
  onChanged: () => Promise<void>;
  onOpen: (name: string) => void;
  onDownload: (entry: FileEntry) => void;
  onClose: () => void;
};

export function AskedDialog(props: AskedProps) {
  const { asked, instance, folder, viewable, spotOf, onChanged, onDownload, onClose } = props;
  switch (asked.to) {
    case "new-file":
      return <NewFileDialog {...props} />;
    case "new-folder":
      return (
        <NameDialog
          title="New folder"
          action="Make it"
          onClose={onClose}
          onName={async (name) => {
            await makeFolder(spotOf(name));
            await onChanged();
          }}
        />
      );
    case "upload":
      return <UploadDialog instance={instance} root={folder.root} into={folder.path} onClose={onClose} />;
    case "rename":
      return <RenameDialog {...props} entry={asked.entry} />;
    case "delete":
      return (
        <DeleteFileDialog
          entry={asked.entry}
          onClose={onClose}
          remove={async () => {
            await removeFile(spotOf(asked.entry.name), asked.entry.kind === "folder");
            moveDrafts(spotOf(asked.entry.name), null);
            await onChanged();
          }}
        />
      );
    case "view":
      return (
        <Viewer
          entries={viewable.some(({ name }) => name === asked.entry.name) ? viewable : [asked.entry]}
          first={asked.entry.name}
          spotOf={spotOf}
          onDownload={onDownload}
          onClose={onClose}
        />
      );
  }
}

function NewFileDialog({ spotOf, onChanged, onOpen, onClose }: AskedProps) {
  const make = async (name: string): Promise<void> => {
    await writeText(spotOf(name), "", null);
    await onChanged();
    if (!name.includes("/")) onOpen(name);
  };
  const help = "With a / it goes into a folder, which is made when it is not there.";
  return <NameDialog title="New file" action="Make it" help={help} onClose={onClose} onName={make} />;
}

function RenameDialog({ entry, folder, spotOf, onChanged, onClose }: AskedProps & { entry: FileEntry }) {
  const rename = async (name: string): Promise<void> => {
    if (name !== entry.name) {
      await moveFile(spotOf(entry.name), joinPath(folder.path, name));
      moveDrafts(spotOf(entry.name), spotOf(name));
    }
    await onChanged();
  };
  return (
    <NameDialog
      title={`Rename ${entry.name}`}
      action="Rename"
      initial={entry.name}
      help="With a / it moves into another folder."
      onClose={onClose}
      onName={rename}
    />
  );
}
