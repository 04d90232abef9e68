/** Terminals of satellites: what the app sees elsewhere than it is, its terminal sees there, too. */
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AppUser } from "../../../worker-agent/src/blueprints/runtime.ts";
import { findViews } from "../../../worker-agent/src/host/views.ts";
import type { PtyWay } from "../../../worker-agent/src/terminals/pty.ts";
import { pythonPty } from "../../../worker-agent/src/terminals/python-pty.ts";
import { open, WAYS } from "./harness.ts";

const NOBODY = { uid: 65534, gid: 65534 };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "rh-terminal-views-"));
  for (const name of ["", "own", "family"]) {
    await mkdir(join(dir, name), { recursive: true });
    await chmod(join(dir, name), 0o777);
  }
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What a person makes in the family's outputs in a satellite's terminal. */
async function makeThere(way: PtyWay, user: AppUser | null) {
  const views = await findViews(dir, user);
  expect(views).not.toBeNull();
  const view = { own: join(dir, "own"), over: join(dir, "family") };
  const { client } = await open([way], {}, { user, enter: (command) => views?.commandIn(view, command) ?? command });
  const person = client();
  person.type(`touch '${view.over}/made'; ls -ln "$(tty)"; id -u; echo done-$((1+1))\n`);
  await person.saw("done-2");
  expect([await readdir(view.own), await readdir(view.over)]).toEqual([["made"], []]);
  return { person, made: join(view.own, "made") };
}

it.each(WAYS)("[RC15] [TM1] by %s are in the view of their app", async (_name, way) => {
  await makeThere(way, null);
});

it.skipIf(process.getuid?.() !== 0)("[RC15] [TM1] are the app's user's, with their device, in the view", async () => {
  const { person, made } = await makeThere(pythonPty, NOBODY);
  expect((await stat(made)).uid).toBe(NOBODY.uid);
  expect(person.output).toMatch(/crw\S+ 1 65534 /);
  expect(person.output).toMatch(/\n65534\r?\n/);
});
