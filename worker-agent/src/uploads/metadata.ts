/** What a client says of a file when it begins an upload: how long it is, what it is called, where it goes. */
import { FileRoot } from "@roundhouse/protocol/files";
import { decodeUploadMetadata, DEFAULT_UPLOAD_FOLDER } from "@roundhouse/protocol/tus";
import { checkFilename, checkFolder } from "../files/names.ts";
import { FileProblem } from "../files/problem.ts";
import type { UploadWish } from "./store.ts";

/** Throws `invalid_input`. */
export function readWish(headers: Headers): UploadWish {
  const length = readCount(headers, "upload-length");
  const metadata = headers.get("upload-metadata") ?? "";
  const values = decodeUploadMetadata(metadata);
  const filename = values?.get("filename");
  if (!values || filename === undefined) {
    throw new FileProblem(
      "invalid_input",
      `Upload-Metadata ${JSON.stringify(metadata.slice(0, 200))} does not name the file.`,
      "Send `filename <base64>`, and if you want `path <base64>` and `overwrite <base64 of true>`, with commas between.",
    );
  }
  const folder = checkFolder(values.get("path") ?? DEFAULT_UPLOAD_FOLDER);
  const overwrite = values.get("overwrite") === "true";
  return { length, metadata, root: readRoot(values.get("root")), filename: checkFilename(filename), folder, overwrite };
}

function readRoot(given = "instance"): FileRoot {
  const root = FileRoot.safeParse(given);
  if (root.success) return root.data;
  const message = `The root ${JSON.stringify(given.slice(0, 40))} is not known.`;
  throw new FileProblem("invalid_input", message, `Give one of ${FileRoot.options.join(", ")}.`);
}

/** A header that counts bytes. Throws `invalid_input`. */
export function readCount(headers: Headers, name: string): number {
  const text = headers.get(name);
  const count = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  const given = text === null ? "missing" : `${JSON.stringify(text.slice(0, 40))} is not a number of bytes`;
  throw new FileProblem("invalid_input", `${name}: ${given}.`, "It has to be known before bytes are sent.");
}
