import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dispositionOf, isShownType, mediaTypeOf } from "@roundhouse/protocol/file-types";
import type { FileEntry } from "@roundhouse/protocol/files";
import { isViewable, languageOf, mediaKindOf, sortEntries } from "../../dashboard/src/files/kinds.ts";
import { joinPath, nameOf, parentOf } from "../../dashboard/src/files/place.ts";

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name,
  kind: "file",
  size: 1,
  modifiedAt: "2026-01-01T00:00:00.000Z",
  target: null,
  leadsTo: null,
  etag: null,
  ...more,
});

describe("what a file is by its name", () => {
  it("is a language of the editor for scripts and settings", () => {
    const languages = ["launch.sh", "aikore_vars.env", "compose.YAML", "a.json", "main.py", "notes.txt", ".bashrc"];
    expect(languages.map(languageOf)).toEqual(["shell", "shell", "yaml", "json", "python", "plain", "shell"]);
  });

  it("is media for what browsers show, and never for what could run", () => {
    expect(["a.PNG", "b.flac", "c.webm", "d.svg", "e.html", "png"].map(mediaKindOf)).toEqual([
      "image",
      "audio",
      "video",
      undefined,
      undefined,
      undefined,
    ]);
    expect(["constructor", "a.constructor", "a.__proto__"].map(mediaTypeOf)).toEqual([undefined, undefined, undefined]);
    for (const type of ["text/html", "image/svg+xml", "text/plain", "application/xhtml+xml"]) {
      expect(isShownType(type)).toBe(false);
    }
    expect([entry("a.png"), entry("a.md"), entry("a.bin"), entry("a.png", { kind: "folder" })].map(isViewable)).toEqual(
      [true, true, false, false],
    );
  });

  it("cannot leave the header that carries it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const header = dispositionOf("attachment", name);
        expect(header).toMatch(
          /^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]*$/,
        );
      }),
    );
  });
});

describe("a list of files", () => {
  it("has its folders first and counts numbers in names, whichever way it is sorted", () => {
    const later = "2026-02-01T00:00:00.000Z";
    const all = [
      entry("image-10.png", { size: 5 }),
      entry("image-9.png", { size: 7, modifiedAt: later }),
      entry("zoo", { kind: "folder", size: null }),
      entry("Arch", { kind: "folder", size: null }),
    ];
    const names = (key: "name" | "size" | "modified", descending = false) =>
      sortEntries(all, { key, descending }).map(({ name }) => name);
    expect(names("name")).toEqual(["Arch", "zoo", "image-9.png", "image-10.png"]);
    expect(names("name", true)).toEqual(["zoo", "Arch", "image-10.png", "image-9.png"]);
    expect(names("size", true)).toEqual(["Arch", "zoo", "image-9.png", "image-10.png"]);
    expect(names("modified")).toEqual(["Arch", "zoo", "image-10.png", "image-9.png"]);
  });

  it("puts paths together and takes them apart", () => {
    expect([
      joinPath("", "a"),
      joinPath("a/b", "c"),
      parentOf("a/b/c"),
      parentOf("a"),
      nameOf("a/b"),
      nameOf("a"),
    ]).toEqual(["a", "a/b/c", "a/b", "", "b", "a"]);
  });
});
