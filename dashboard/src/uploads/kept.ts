/** The uploads that this browser has begun: the same file sent to the same place again goes on where it was. */
import type { FileRoot } from "@roundhouse/protocol/files";
import { DEFAULT_UPLOAD_FOLDER } from "@roundhouse/protocol/tus";

/** Which file, and where to. */
export type UploadTarget = {
  instanceId: string;
  file: Pick<File, "name" | "size" | "lastModified">;
  /** The instance's own folder, unless said otherwise. */
  root?: FileRoot;
  /** Relative to the root; "" is the root itself. */
  folder?: string;
  overwrite?: boolean;
};

const PREFIX = "roundhouse.upload ";
type Parts = [
  instanceId: string,
  folder: string,
  name: string,
  size: number,
  modified: number,
  overwrite: boolean,
  root?: FileRoot,
];

/** Under which key of localStorage the upload's URL is kept. */
export function keyOf({ instanceId, file, root, folder, overwrite = false }: UploadTarget): string {
  const place: Parts = [
    instanceId,
    folder ?? DEFAULT_UPLOAD_FOLDER,
    file.name,
    file.size,
    file.lastModified,
    overwrite,
  ];
  // Last, and only where it says something: keys that were kept before stay what they are.
  if (root !== undefined && root !== "instance") place.push(root);
  return PREFIX + JSON.stringify(place);
}

/** Every upload to an instance that this browser has begun and not finished. */
export function keptUploads(instanceId: string): Required<UploadTarget>[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => JSON.parse(key.slice(PREFIX.length)) as Parts)
    .filter(([instance]) => instance === instanceId)
    .map(([, folder, name, size, lastModified, overwrite, root = "instance"]) => {
      return { instanceId, root, folder, file: { name, size, lastModified }, overwrite };
    });
}
