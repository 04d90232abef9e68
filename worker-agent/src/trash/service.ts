/** The trash over HTTP: `/trash`, and `/trash/<id>` with all that is needed to restore it. */
import type { DataRoot } from "../host/data-root.ts";
import { wholeJson } from "../services/whole-json.ts";
import { isEntryName, readTrashRecord } from "./record.ts";
import { emptyTrash, listTrash, removeFromTrash } from "./trash.ts";

const PATH = /^\/trash(?:\/([^/]+))?$/;

/** Undefined for a path that is none of its own. */
export function trashService(root: DataRoot): (request: Request) => Promise<Response | undefined> {
  return async ({ method, url }) => {
    const match = PATH.exec(new URL(url).pathname);
    if (!match) return undefined;
    const [, id] = match;
    if (method === "GET") return id === undefined ? wholeJson({ items: await listTrash(root) }) : read(root, id);
    if (method !== "DELETE") return new Response(null, { status: 405 });
    if (id === undefined) return wholeJson({ removed: await emptyTrash(root) });
    return (await removeFromTrash(root, id)) ? wholeJson({ removed: 1 }) : new Response(null, { status: 404 });
  };
}

async function read(root: DataRoot, id: string): Promise<Response> {
  const record = isEntryName(id) ? await readTrashRecord(root, id) : undefined;
  return record ? wholeJson(record) : new Response(null, { status: 404 });
}
