/** Files for an instance: chosen or dropped, and how far each is. */
import { useRef, useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { FileRoot } from "@roundhouse/protocol/files";
import { DEFAULT_UPLOAD_FOLDER } from "@roundhouse/protocol/tus";
import { Button, IconButton } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { formatBytes } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { toastError } from "../shell/toasts.tsx";
import { keptUploads, keyOf, type UploadTarget } from "./kept.ts";
import { addFiles } from "./queue.ts";
import { discardUpload } from "./tus-client.ts";
import css from "./upload.module.css";
import { UploadRow } from "./upload-row.tsx";
import { isActive, type Upload, uploads } from "./uploads.ts";

const ROOT_WORDS: Readonly<Record<FileRoot, string>> = {
  instance: "the instance's own folder",
  outputs: "the folder of its outputs",
  models: "the models of its node",
  datasets: "the datasets of its node",
};

type UploadDialogProps = {
  instance: Instance;
  root?: FileRoot;
  /** The folder below it, unless a person says otherwise. */
  into?: string;
  onClose: () => void;
};

export function UploadDialog({
  instance,
  root = "instance",
  into = DEFAULT_UPLOAD_FOLDER,
  onClose,
}: UploadDialogProps) {
  const [folder, setFolder] = useState(into);
  const own = uploads.value.filter((upload) => upload.instanceId === instance.id);
  const add = (files: FileList | null): void => addFiles(instance.id, files ?? [], folder.trim(), root);
  return (
    <Dialog
      wide
      title={`Upload files to ${instance.name}`}
      onClose={onClose}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <FileDrop onFiles={add} />
      <TextField
        label="Folder"
        mono
        value={folder}
        help={`In ${ROOT_WORDS[root]}; made when it is not there. Empty is that folder itself.`}
        onInput={setFolder}
      />
      {own.length > 0 && (
        <ul class={css.list} aria-label="Uploads">
          {own.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
      {own.some(isActive) && (
        <p class={css.quiet}>They go on when this is closed, and while you look at other pages here.</p>
      )}
      <Unfinished instanceId={instance.id} own={own} />
    </Dialog>
  );
}

/** Begun before the page was loaded: the browser does not hand the files out again by itself. */
function Unfinished({ instanceId, own }: { instanceId: string; own: readonly Upload[] }) {
  const [, setDiscarded] = useState(0);
  const listed = new Set(own.map(keyOf));
  const unfinished = keptUploads(instanceId).filter((target) => !listed.has(keyOf(target)));
  if (unfinished.length === 0) return null;
  const discard = async (target: UploadTarget): Promise<void> => {
    await discardUpload(target);
    setDiscarded((count) => count + 1);
  };
  return (
    <section class={css.unfinished} aria-label="Unfinished uploads">
      <p>Begun before, and not finished. Choose the same file again: it goes on where it was.</p>
      <ul>
        {unfinished.map((target) => (
          <li key={keyOf(target)}>
            <strong>{target.file.name}</strong>
            <span class={css.quiet}>
              {formatBytes(target.file.size)}, to {target.folder === "" ? ROOT_WORDS[target.root] : target.folder}
            </span>
            <IconButton
              icon="close"
              label={`Discard what was sent of ${target.file.name}`}
              onClick={() => void discard(target).catch(toastError)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function FileDrop({ onFiles }: { onFiles: (files: FileList | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div
      class={classes(css.drop, over && css.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles(event.dataTransfer?.files ?? null);
      }}
    >
      <Icon name="upload" size={22} />
      <p>Drop files here, or</p>
      <Button look="primary" autoFocus onClick={() => input.current?.click()}>
        Choose files
      </Button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files to upload"
        onChange={(event) => {
          onFiles(event.currentTarget.files);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}
