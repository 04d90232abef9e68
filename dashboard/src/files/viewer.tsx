/** Images, sounds, films and texts of a folder, one after another. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FileEntry } from "@roundhouse/protocol/files";
import { request } from "../api/call.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { formatBytes } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { readBeginning, type Spot, urlOf } from "./api.ts";
import { MAX_MEDIA_BYTES, mediaKindOf } from "./kinds.ts";
import { nameOf } from "./place.ts";
import css from "./viewer.module.css";

const TEXT_BYTES = 256 * 1024;

type ViewerProps = {
  /** What is stepped through, in the order of the list. */
  entries: readonly FileEntry[];
  first: string;
  spotOf: (name: string) => Spot;
  onDownload: (entry: FileEntry) => void;
  onClose: (last: string) => void;
};

export function Viewer({ entries, first, spotOf, onDownload, onClose }: ViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(first);
  const index = Math.max(
    0,
    entries.findIndex((entry) => entry.name === name),
  );
  const entry = entries[index];
  const step = (by: number): void => {
    const next = entries[(index + by + entries.length) % entries.length];
    if (next) setName(next.name);
  };
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  if (!entry) return null;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => setName(entries[0]?.name ?? name),
    End: () => setName(entries.at(-1)?.name ?? name),
  };
  return (
    <dialog
      ref={dialog}
      class={css.viewer}
      aria-label={`View of ${entry.name}`}
      onCancel={(event) => {
        event.preventDefault();
        onClose(entry.name);
      }}
      onKeyDown={(event) => {
        // On a film or a sound the arrow keys are that one's: they move in time.
        if (event.target instanceof HTMLMediaElement || !keys[event.key]) return;
        event.preventDefault();
        keys[event.key]?.();
      }}
    >
      <header class={css.head}>
        <h2>{entry.name}</h2>
        <span class={css.facts}>
          {index + 1} of {entries.length}
          {entry.size !== null && ` · ${formatBytes(entry.size)}`}
        </span>
        <IconButton icon="left" label="Previous (←)" onClick={() => step(-1)} />
        <IconButton icon="right" label="Next (→)" onClick={() => step(1)} />
        <IconButton icon="download" label={`Download ${entry.name}`} onClick={() => onDownload(entry)} />
        <IconButton icon="close" label="Close (Esc)" onClick={() => onClose(entry.name)} />
      </header>
      <Content
        key={`${entry.name} ${entry.etag}`}
        entry={entry}
        spot={spotOf(entry.name)}
        onDownload={() => onDownload(entry)}
      />
    </dialog>
  );
}

type ContentProps = { entry: FileEntry; spot: Spot; onDownload: () => void };

function Content({ entry, spot, onDownload }: ContentProps) {
  const kind = mediaKindOf(entry.name);
  if (kind === undefined) return <TextContent spot={spot} size={entry.size ?? 0} onDownload={onDownload} />;
  if ((entry.size ?? 0) <= MAX_MEDIA_BYTES) return <MediaContent kind={kind} spot={spot} onDownload={onDownload} />;
  return (
    <EmptyPlace title="Too large to be shown here">
      <p>
        It has {formatBytes(entry.size ?? 0)}; up to {formatBytes(MAX_MEDIA_BYTES)} are shown.
      </p>
      <Button look="primary" icon="download" onClick={onDownload}>
        Download
      </Button>
    </EmptyPlace>
  );
}

/**
 * An element that shows media cannot carry the session's proof, so the bytes are fetched with it and shown from memory. The
 * type is one of the API's few; nothing that could run is ever among them.
 */
function MediaContent({
  kind,
  spot,
  onDownload,
}: {
  kind: "image" | "audio" | "video";
  spot: Spot;
  onDownload: () => void;
}) {
  const [url, setUrl] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const gone = new AbortController();
    let made: string | undefined;
    request(urlOf(spot), { headers: {}, signal: gone.signal })
      .then((response) => response.blob())
      .then((blob) => {
        if (gone.signal.aborted) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      })
      .catch((failure: unknown) => gone.signal.aborted || setError(failure));
    return () => {
      gone.abort();
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, []);
  const name = nameOf(spot.path);
  if (error !== undefined) return <ErrorNotice error={error} />;
  if (isBroken) {
    return (
      <EmptyPlace title="This browser cannot show it">
        <p>The file may be broken, half written, or of a kind that this browser does not know.</p>
        <Button look="primary" icon="download" onClick={onDownload}>
          Download
        </Button>
      </EmptyPlace>
    );
  }
  const onError = (): void => setBroken(true);
  return (
    <div class={css.stage} aria-busy={url === undefined}>
      {url === undefined && <p class={css.wait}>Loading…</p>}
      {url !== undefined && kind === "image" && <img src={url} alt={name} onError={onError} />}
      {url !== undefined && kind === "audio" && (
        <audio src={url} aria-label={name} controls autoplay onError={onError} />
      )}
      {url !== undefined && kind === "video" && (
        <video src={url} aria-label={name} controls autoplay onError={onError} />
      )}
    </div>
  );
}

type TextProps = { spot: Spot; size: number; onDownload: () => void };

function TextContent({ spot, size, onDownload }: TextProps) {
  const [read, setRead] = useState<{ text: string | undefined }>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const gone = new AbortController();
    const reading = size === 0 ? Promise.resolve("") : readBeginning(spot, TEXT_BYTES, gone.signal);
    reading.then((text) => setRead({ text })).catch((failure: unknown) => gone.signal.aborted || setError(failure));
    return () => gone.abort();
  }, []);
  if (error !== undefined) return <ErrorNotice error={error} />;
  if (read && read.text === undefined) {
    return (
      <EmptyPlace title="There is nothing to show">
        <p>It is neither UTF-8 text nor an image, a sound or a film. Download it to open it with its own program.</p>
        <Button look="primary" icon="download" onClick={onDownload}>
          Download
        </Button>
      </EmptyPlace>
    );
  }
  return (
    <div class={css.text}>
      {size > TEXT_BYTES && <p>Its first {formatBytes(TEXT_BYTES)}. Download it to read the rest.</p>}
      <pre tabIndex={0}>{read?.text ?? "Loading…"}</pre>
    </div>
  );
}
