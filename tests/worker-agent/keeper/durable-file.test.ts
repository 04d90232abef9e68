import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeDurably } from "../../../worker-agent/src/keeper/durable-file.ts";
import { makeTempDir } from "./build.ts";

let temp: Awaited<ReturnType<typeof makeTempDir>>;
beforeEach(async () => {
  temp = await makeTempDir();
});
afterEach(() => temp.remove());

it("takes over the draft that a killed writer left, and leaves none", async () => {
  const path = join(temp.dir, "state.json");
  await writeFile(`${path}.tmp`, '{"half":', { mode: 0o600 });
  await writeDurably(path, { whole: true });
  expect(await readdir(temp.dir)).toEqual(["state.json"]);
  expect(await readFile(path, "utf8")).toBe('{"whole":true}\n');
});

it("leaves the old file whole when the new one cannot be written", async () => {
  const path = join(temp.dir, "state.json");
  await writeDurably(path, { old: true });
  await expect(writeDurably(path, { big: 10n })).rejects.toThrow("BigInt");
  expect(await readdir(temp.dir)).toEqual(["state.json"]);
  expect(await readFile(path, "utf8")).toBe('{"old":true}\n');
});
