/** The programs that make environments, written to a folder of their own, and scripts that use them, as an app's user. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOwned } from "../../../worker-agent/src/blueprints/owned-file.ts";
import { FUNCTIONS_SH } from "../../../worker-agent/src/blueprints/bash/library.ts";
import { rewriteHardPaths } from "../../../worker-agent/src/blueprints/bash/rewrite.ts";
import { writeCondaStandIn, writeMakeEnv } from "../../../worker-agent/src/environments/programs.ts";

/** As root, apps run as this one. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

export type Ran = { status: number | null; said: string };

export class House {
  readonly dir: string;
  readonly #path: string;

  private constructor(dir: string, path: string) {
    this.dir = dir;
    this.#path = path;
  }

  /** `path` is what the host has. */
  static async open(path = "/usr/local/bin:/usr/bin:/bin"): Promise<House> {
    const house = new House(mkdtempSync(join(tmpdir(), "environments-")), path);
    chmodSync(house.dir, 0o755);
    for (const name of ["launch", "app", "tools"]) mkdirSync(house.at(name));
    if (NOBODY) chownSync(house.at("app"), NOBODY.uid, NOBODY.gid);
    await writeOwned(house.at("launch/functions.sh"), FUNCTIONS_SH, 0o644, null);
    await writeMakeEnv(house.at("launch"));
    await writeCondaStandIn(house.at("launch"));
    return house;
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  at(name: string): string {
    return join(this.dir, name);
  }

  /** A program of the host's that only notes how it was called, and then does this. */
  tool(name: string, script = ":"): void {
    writeFileSync(this.at(`tools/${name}`), `#!/bin/bash\necho "${name} $*" >> "${this.at("app")}/calls"\n${script}\n`);
    chmodSync(this.at(`tools/${name}`), 0o755);
  }

  /** Runs a blueprint's lines in the app's folder; hard paths lead here. */
  run(script: string, env: Record<string, string> = {}): Ran {
    const text = rewriteHardPaths(script, {
      libraryDir: this.at("launch"),
      condaDir: this.at("launch/conda"),
      homeDir: this.at("app"),
      configDirs: {},
      configDir: this.at("config"),
    });
    writeFileSync(this.at("launch/script.sh"), text);
    const variables = {
      PATH: `${this.at("tools")}:${this.#path}`,
      HOME: this.at("app"),
      INSTANCE_CONF_DIR: this.at("app"),
      ...env,
    };
    const options = { cwd: this.at("app"), env: variables, encoding: "utf8" as const, ...NOBODY };
    const { status, stdout, stderr } = spawnSync("bash", [this.at("launch/script.sh")], options);
    return { status, said: stdout + stderr };
  }
}
