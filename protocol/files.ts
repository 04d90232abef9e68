/** Files of an instance, as the HTTP API shows them (SPEC FS1–FS9). */
import * as z from "zod";
import { ListQuery } from "./api/common.ts";

/** Where files may be: the instance's own folder, its outputs, and the models and datasets that all instances of its node share. */
export const FileRoot = z.enum(["instance", "outputs", "models", "datasets"]);
export type FileRoot = z.infer<typeof FileRoot>;

export const FileQuery = z.object({ root: FileRoot.default("instance") });
export const FileListQuery = ListQuery.extend({
  root: FileRoot.default("instance"),
  /** A folder below the root; empty is the root itself. */
  path: z.string().max(4096).default(""),
});
export type FileListQuery = z.infer<typeof FileListQuery>;

export const FileEntry = z
  .object({
    name: z.string(),
    /** `other` is what has no bytes to show: a pipe, a socket, a device. */
    kind: z.enum(["file", "folder", "link", "other"]),
    /** Bytes of a file, else null. */
    size: z.number().int().min(0).nullable(),
    modifiedAt: z.iso.datetime(),
    /** What a link says, word for word; links are shown and removed, never followed. */
    target: z.string().nullable(),
    /** Where a link leads, when that is a place below one of the roots. */
    leadsTo: z.object({ root: FileRoot, path: z.string() }).nullable(),
    /** Changes with the content of a file; for `If-Match`. */
    etag: z.string().nullable(),
  })
  .meta({ id: "FileEntry" });
export type FileEntry = z.infer<typeof FileEntry>;

export const MoveFile = z
  .object({
    /** The new path below the root; folders on the way are made. */
    to: z.string().min(1).max(4096),
    /** Another root, when it moves there. */
    toRoot: FileRoot.optional(),
  })
  .meta({ id: "MoveFile" });
export type MoveFile = z.infer<typeof MoveFile>;
