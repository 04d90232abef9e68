/** Which files a browser may show, by name. No zod here: the dashboard bundles this file. */

/** Largest body of one PUT; larger files are uploaded in pieces (SPEC UP1). */
export const MAX_PUT_BYTES = 64 * 1024 * 1024;

/** Present in every answer of an agent that knows files. */
export const FILES_HEADER = "roundhouse-files";

export const TEXT_TYPE = "text/plain; charset=utf-8";
export const BYTES_TYPE = "application/octet-stream";

/** SVG is not among them: as a document it can carry scripts. It is shown as the text it is. */
const MEDIA: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  mp3: "audio/mpeg",
  wav: "audio/wav",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  flac: "audio/flac",
  m4a: "audio/mp4",
  aac: "audio/aac",
  mp4: "video/mp4",
  m4v: "video/mp4",
  webm: "video/webm",
  ogv: "video/ogg",
  mov: "video/quicktime",
  mkv: "video/x-matroska",
};

const SHOWN: ReadonlySet<string> = new Set([...Object.values(MEDIA), TEXT_TYPE]);

/** The type of an image, a sound or a film; undefined for everything else. */
export function mediaTypeOf(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(MEDIA, extension) ? MEDIA[extension] : undefined;
}

/** Whether a file of that type may be shown in place; anything else is only ever saved (SPEC FS4). */
export function isShownType(type: string): boolean {
  return SHOWN.has(type);
}

/** `Content-Disposition` for a name in any script. */
export function dispositionOf(kind: "inline" | "attachment", name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.replaceAll(/\p{Cs}/gu, "_")).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
