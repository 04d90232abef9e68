/** The files of an instance: a folder's list, or the editor with one of its texts. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { FileEntry } from "@roundhouse/protocol/files";
import { blockedFor } from "../api/session.ts";
import { formatBytes } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { type Asked, AskedDialog } from "./asked-dialog.tsx";
import { downloadFile } from "./download.ts";
import { isDirty } from "./drafts.ts";
import { EditorPane } from "./editor-pane.tsx";
import { EmptyFolder } from "./empty-folder.tsx";
import { FileTable, type FileVerb } from "./file-table.tsx";
import css from "./files.module.css";
import { MAX_EDIT_BYTES, mediaKindOf } from "./kinds.ts";
import { joinPath } from "./place.ts";
import { Breadcrumb, FolderTools } from "./toolbar.tsx";
import { type Folder, useFolder } from "./use-folder.ts";

const NOTHING_TO_VIEW = "There is no image, sound, film or text here.";

/** Give it the instance's id as key. */
export function FilesPane({ instance }: { instance: Instance }) {
  const folder = useFolder(instance.id);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { open } = folder.place;
  const download = (entry: FileEntry): void => {
    if ((entry.size ?? 0) > MAX_EDIT_BYTES) toast(`Downloading ${entry.name}, ${formatBytes(entry.size ?? 0)}…`);
    downloadFile(folder.spotOf(entry.name), entry.name, entry.size ?? 0).catch(toastError);
  };
  const edit = (name: string): void => folder.leave(name, { open: name });
  const opened = folder.entries.find(({ name }) => name === open);
  return (
    <section class={css.pane} aria-label={`Files of ${instance.name}`}>
      {open === null ? (
        <FolderView instance={instance} folder={folder} onAsk={setAsked} onEdit={edit} onDownload={download} />
      ) : (
        <EditorPane
          key={`${folder.spot.root} ${folder.spot.path} ${open}`}
          instance={instance}
          spot={folder.spotOf(open)}
          onDownload={() => opened && download(opened)}
          onLeave={() => {
            folder.leave(open, { open: null });
            void folder.refresh();
          }}
        />
      )}
      {asked && (
        <AskedDialog
          asked={asked}
          instance={instance}
          folder={folder.spot}
          viewable={folder.viewable}
          spotOf={folder.spotOf}
          onChanged={folder.refresh}
          onOpen={edit}
          onDownload={download}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  );
}

type FolderViewProps = {
  instance: Instance;
  folder: Folder;
  onAsk: (asked: Asked) => void;
  onEdit: (name: string) => void;
  onDownload: (entry: FileEntry) => void;
};

function FolderView({ instance, folder, onAsk, onEdit, onDownload }: FolderViewProps) {
  const { listing, entries, viewable, place } = folder;
  const blocked = blockedFor("operator");
  const onAct = (verb: FileVerb, entry: FileEntry): void => {
    if (verb === "open") return openEntry(folder, entry, { blocked, onAsk, onEdit });
    if (blocked) return toast(blocked);
    if (verb === "download") return onDownload(entry);
    onAsk({ to: verb, entry });
  };
  return (
    <>
      <div class={css.tools} role="toolbar" aria-label="Files">
        <Breadcrumb instance={instance.id} place={place} />
        <span class={css.space} />
        <FolderTools
          blocked={blocked}
          viewBlocked={blocked ?? (viewable.length > 0 ? undefined : NOTHING_TO_VIEW)}
          onNewFile={() => onAsk({ to: "new-file" })}
          onNewFolder={() => onAsk({ to: "new-folder" })}
          onUpload={() => onAsk({ to: "upload" })}
          onView={() => viewable[0] && onAsk({ to: "view", entry: viewable[0] })}
          onRefresh={() => void folder.refresh()}
        />
      </div>
      <div class={css.scroller}>
        {listing.error && <ErrorNotice error={listing.error} />}
        {listing.data?.isWhole === false && (
          <p class={css.note}>There is more here than is shown: the first {entries.length} by name.</p>
        )}
        {listing.data && entries.length === 0 && (
          <EmptyFolder root={place.root} isRoot={place.path === ""} isSatellite={instance.parent !== null} />
        )}
        {entries.length > 0 && (
          <FileTable
            key={`${place.root} ${place.path}`}
            label={`Files in ${place.path === "" ? place.root : place.path}`}
            entries={entries}
            sorting={folder.sorting}
            onSort={folder.sortBy}
            focus={folder.cameFrom}
            blocked={blocked}
            isDirty={(name) => isDirty(folder.spotOf(name))}
            onAct={onAct}
            onUp={folder.up}
          />
        )}
      </div>
    </>
  );
}

type Ways = Pick<FolderViewProps, "onAsk" | "onEdit"> & { blocked: string | undefined };

function openEntry({ place, leave }: Folder, entry: FileEntry, { blocked, onAsk, onEdit }: Ways): void {
  const { name, kind, size, leadsTo } = entry;
  if (kind === "folder") return leave("", { path: joinPath(place.path, name) });
  if (kind === "link" && leadsTo) return leave("", leadsTo);
  if (kind === "link") return toast(`${name} leads out of the folders that are shown here. Links are not followed.`);
  if (kind === "other") return toast(`${name} is a pipe, a socket or a device: there is nothing to show.`);
  if (blocked) return toast(blocked);
  if (mediaKindOf(name) !== undefined || (size ?? 0) > MAX_EDIT_BYTES) return onAsk({ to: "view", entry });
  onEdit(name);
}
