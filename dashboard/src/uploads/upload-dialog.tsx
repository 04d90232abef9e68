/** Files for an instance: chosen or dropped, and how far each is. */
import { useRef, useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api";
import { Button } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { addFiles } from "./queue.ts";
import css from "./upload.module.css";
import { UploadRow } from "./upload-row.tsx";
import { isActive, uploads } from "./uploads.ts";

const DEFAULT_FOLDER = "uploads";

export function UploadDialog({ instance, onClose }: { instance: Instance; onClose: () => void }) {
  const [folder, setFolder] = useState(DEFAULT_FOLDER);
  const own = uploads.value.filter((upload) => upload.instanceId === instance.id);
  const add = (files: FileList | null): void => addFiles(instance.id, files ?? [], folder.trim());
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
        help="In the instance's own folder; made when it is not there. Empty is that folder itself."
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
        <p class={css.quiet}>
          They go on when this is closed, and while you look at other pages here. After a reload, choose the same file
          again: it goes on where it was.
        </p>
      )}
    </Dialog>
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
      <Button look="primary" onClick={() => input.current?.click()}>
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
