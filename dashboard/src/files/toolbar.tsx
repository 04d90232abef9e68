/** Above the list: the root, the way down to the folder, and what can be made there. */
import type { FileRoot } from "@roundhouse/protocol/files";
import { IconButton } from "../parts/button.tsx";
import css from "./files.module.css";
import { goTo, nameOf, type Place } from "./place.ts";

const ROOTS: readonly { root: FileRoot; label: string }[] = [
  { root: "instance", label: "App folder" },
  { root: "outputs", label: "Outputs" },
  { root: "models", label: "Models" },
  { root: "datasets", label: "Datasets" },
];

export function Breadcrumb({ instance, place }: { instance: string; place: Place }) {
  const parts = place.path === "" ? [] : place.path.split("/");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const isAtRoot = parts.length === 0;
  return (
    <nav class={css.crumbs} aria-label="Folder">
      <select
        aria-label="Where"
        value={place.root}
        onChange={(event) => goTo(instance, { root: event.currentTarget.value as FileRoot, path: "" })}
      >
        {ROOTS.map(({ root, label }) => (
          <option key={root} value={root}>
            {label}
          </option>
        ))}
      </select>
      {!isAtRoot && <IconButton icon="follow" label="To the top" onClick={() => goTo(instance, { path: "" })} />}
      {paths.map((path) => (
        <span key={path}>
          /
          <button
            type="button"
            aria-current={path === place.path && place.open === null ? "location" : undefined}
            onClick={() => goTo(instance, { path })}
          >
            {nameOf(path)}
          </button>
        </span>
      ))}
    </nav>
  );
}

type ToolsProps = {
  blocked: string | undefined;
  viewBlocked: string | undefined;
  onNewFile: () => void;
  onNewFolder: () => void;
  onUpload: () => void;
  onView: () => void;
  onRefresh: () => void;
};

export function FolderTools(props: ToolsProps) {
  return (
    <>
      <IconButton icon="image" label="View one after another" blocked={props.viewBlocked} onClick={props.onView} />
      <IconButton icon="file" label="New file" blocked={props.blocked} onClick={props.onNewFile} />
      <IconButton icon="folder" label="New folder" blocked={props.blocked} onClick={props.onNewFolder} />
      <IconButton icon="upload" label="Upload files here" blocked={props.blocked} onClick={props.onUpload} />
      <IconButton icon="restart" label="Read the folder again" onClick={props.onRefresh} />
    </>
  );
}
