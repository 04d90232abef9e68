/** What every blueprint of the catalogue must have. */
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { MAX_BLUEPRINT_BYTES } from "@roundhouse/protocol/limits";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const CATALOGUE = join(import.meta.dirname, "../../blueprints");
const MAX_ICON_BYTES = 4096;

const names = readdirSync(CATALOGUE, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);

describe("the catalogue", () => {
  it("has the first apps", () => {
    expect(names).toEqual(expect.arrayContaining(["comfyui", "hello", "jupyter", "node-red"]));
  });

  describe.each(names)("%s", (name) => {
    const read = (file: string) => readFileSync(join(CATALOGUE, name, file), "utf8");
    const source = read("blueprint.sh");

    it("has complete metadata and a DNS-safe name", () => {
      expect(parseBashMetadata(source)).toMatchObject({
        name: expect.stringMatching(/\S/),
        description: expect.stringMatching(/\.$/),
        category: expect.stringMatching(/\S/),
        venvType: expect.stringMatching(/^(conda|python)$/),
        venvPath: expect.stringMatching(/^\.\//),
      });
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(Buffer.byteLength(source)).toBeLessThan(MAX_BLUEPRINT_BYTES);
    });

    it("is valid bash", () => {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: source, encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
    });

    it("listens on the loopback interface, at the port it is given", () => {
      expect(source).toContain("127.0.0.1");
      expect(source).toContain("WEBUI_PORT");
      expect(source).not.toMatch(/0\.0\.0\.0|--listen\s*(?:\\|--|$)|\[::\]/m);
    });

    it("has a README and an icon that is a plain picture", () => {
      expect(read("README.md")).toMatch(/^# \S/);
      const icon = read("icon.svg");
      expect(icon).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 24 24"/);
      expect(icon).not.toMatch(/<script|<foreignObject|<image|<use|\bon\w+\s*=|javascript:|href|url\(|<!|<\?/i);
      expect(icon.length).toBeLessThan(MAX_ICON_BYTES);
    });
  });
});
