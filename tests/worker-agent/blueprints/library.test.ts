/** The shell helpers, in a real bash with real repositories and a pip that writes down how it was called. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FUNCTIONS_SH, VERSIONS_ENV } from "../../../worker-agent/src/blueprints/bash/library.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "library test-"));
  write("functions.sh", FUNCTIONS_SH);
  write("versions.env", VERSIONS_ENV);
  executable("bin/pip", 'printf "%s\\n" "$*" >> "$CALLS"; case "$*" in *broken*) exit 1 ;; esac');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("sl_folder", () => {
  it("moves what is there into the store and puts a link in its place", () => {
    write("app/models/vae/a.bin", "a");
    write("app/models/vae/.hidden", "h");
    expect(bash('sl_folder "$D/app/models" vae "$D/store" vae').status).toBe(0);
    expect(readlinkSync(at("app/models/vae"))).toBe(at("store/vae"));
    expect([read("store/vae/a.bin"), read("store/vae/.hidden")]).toEqual(["a", "h"]);
  });

  it("takes three arguments, or an empty fourth: then the third is the store", () => {
    mkdirSync(at("app"));
    expect(bash('sl_folder "$D/app" outputs "$D/out"; sl_folder "$D/app" models "$D/all models/" ""').status).toBe(0);
    expect(readlinkSync(at("app/outputs"))).toBe(at("out"));
    expect(readlinkSync(at("app/models"))).toBe(at("all models"));
  });

  it("replaces a link without touching what it points to, and can be repeated", () => {
    write("precious/file", "p");
    mkdirSync(at("app"));
    symlinkSync(at("precious"), at("app/models"));
    expect(bash('for i in 1 2; do sl_folder "$D/app/" models/ "$D/store" m; done').status).toBe(0);
    expect(read("precious/file")).toBe("p");
    expect(readlinkSync(at("app/models"))).toBe(at("store/m"));
    expect(existsSync(at("precious/m"))).toBe(false);
  });

  it("does not follow a link inside the folder it moves", () => {
    write("precious/file", "p");
    mkdirSync(at("app/models"), { recursive: true });
    symlinkSync(at("precious"), at("app/models/linked"));
    expect(bash('sl_folder "$D/app" models "$D/store"').status).toBe(0);
    expect(read("precious/file")).toBe("p");
    expect(lstatSync(at("store/linked")).isSymbolicLink()).toBe(true);
  });

  it.each(["rsync", "cp"])("loses neither file where both have one of a name, with %s", (tool) => {
    const choose = tool === "cp" ? 'command() { [ "$2" != rsync ] && builtin command "$@"; }\n' : "";
    write("app/m/same.bin", "s");
    write("store/same.bin", "s");
    write("app/m/my model.bin", "the app's");
    write("store/my model.bin", "the store's");
    write("store/my model.bin.~1~", "an earlier one");
    write("app/m/sub/file", "f");
    write("store/sub", "a file where the app has a folder");
    write("app/m/now a file", "n");
    write("store/now a file/inside", "i");
    const { status, stderr } = bash(`${choose}sl_folder "$D/app" m "$D/store"`);
    expect([status, stderr]).toEqual([0, expect.stringContaining("my model.bin.~2~")]);
    expect([read("store/my model.bin"), read("store/my model.bin.~2~")]).toEqual(["the app's", "the store's"]);
    expect(read("store/my model.bin.~1~")).toBe("an earlier one");
    expect([read("store/sub/file"), read("store/sub.~1~")]).toEqual(["f", "a file where the app has a folder"]);
    expect([read("store/now a file"), read("store/now a file.~1~/inside")]).toEqual(["n", "i"]);
    expect(existsSync(at("store/same.bin.~1~"))).toBe(false);
  });

  it("keeps a file that stands where the link shall be", () => {
    write("app/m", "mine");
    expect(bash('sl_folder "$D/app" m "$D/store"').status).toBe(0);
    expect([readlinkSync(at("app/m")), read("app/m.~1~")]).toEqual([at("store"), "mine"]);
  });

  it("lets apps that are launched at once fill one store, and loses nothing of either", async () => {
    const names = ["one", "two", "three", "four"];
    for (const name of names) {
      for (let n = 0; n < 20; n++) write(`${name}/models/${n} of all.bin`, `${name} ${n}`);
      write(`${name}/models/${name}.bin`, name);
    }
    const ended = names.map((name) => start(`sl_folder "$D/${name}" models "$D/store" "all models"`));
    expect(await Promise.all(ended)).toEqual(names.map(() => 0));
    for (const name of names) expect(readlinkSync(at(`${name}/models`))).toBe(at("store/all models"));
    const texts = readdirSync(at("store/all models")).map((file) => read(`store/all models/${file}`));
    const wanted = names.flatMap((name) => [name, ...Array.from({ length: 20 }, (_, n) => `${name} ${n}`)]);
    expect(texts.toSorted()).toEqual(wanted.toSorted());
  });

  it("uses rsync where there is one", () => {
    executable("bin/rsync", 'echo "rsync $*" >> "$CALLS"; shift 2; cp -a "$1." "$2"');
    write("app/m/a", "a");
    expect(bash('sl_folder "$D/app" m "$D/store"').status).toBe(0);
    expect(calls()).toEqual([`rsync -a -- ${at("app/m")}/ ${at("store")}/`]);
    expect(read("store/a")).toBe("a");
  });

  it("keeps the folder when it cannot be copied, or would be its own store", () => {
    executable("bin/rsync", "exit 23");
    write("app/m/a", "a");
    expect(bash('sl_folder "$D/app" m "$D/store"').status).toBe(1);
    expect(bash('sl_folder "$D/app" m "$D/app/m" inside').status).toBe(1);
    expect(bash('sl_folder "$D/app" m "$D/app" m').status).toBe(1);
    expect(read("app/m/a")).toBe("a");
  });

  it("refuses to run without a folder, a name and a store", () => {
    write("app/a", "a");
    for (const args of ['"$D/app" "" "$D/s"', '"" m "$D/s"', '"$D/app" m ""', ""]) {
      expect(bash(`sl_folder ${args}`).status).toBe(1);
    }
    expect(read("app/a")).toBe("a");
  });
});

describe("clean_env", () => {
  it("removes the environment once when it was asked for", () => {
    write("app/env/bin/python", "");
    expect(bash('clean_env "$D/app/env"').status).toBe(0);
    expect(existsSync(at("app/env"))).toBe(true);
    write("app/.rebuild-env", "");
    expect(bash('clean_env "$D/app/env/"').status).toBe(0);
    expect([existsSync(at("app/env")), existsSync(at("app/.rebuild-env"))]).toEqual([false, false]);
  });

  it("leaves what a linked environment points to", () => {
    write("shared/python", "p");
    write("app/.rebuild-env", "");
    symlinkSync(at("shared"), at("app/env"));
    expect(bash('clean_env "$D/app/env"').status).toBe(0);
    expect([existsSync(at("app/env")), read("shared/python")]).toEqual([false, "p"]);
  });
});

describe("sync_repo", () => {
  beforeEach(() => {
    git("init", "-q", "-b", "trunk", at("origin"));
    commit("one");
    git("-C", at("origin"), "tag", "v1");
    git("-C", at("origin"), "checkout", "-q", "-b", "dev");
    commit("dev");
    git("-C", at("origin"), "checkout", "-q", "trunk");
    git("clone", "-q", `file://${at("origin")}`, at("clone"));
    commit("two");
  });

  it("goes to the remote's newest default branch and keeps untracked files", () => {
    write("clone/mine.txt", "m");
    write("clone/file", "local change");
    expect(sync("sync_repo GIT_REF").status).toBe(0);
    expect([read("clone/file"), read("clone/mine.txt")]).toEqual(["two", "m"]);
  });

  it.each([
    ["v1", "one"],
    ["dev", "dev"],
    ["origin/dev", "dev"],
    ["trunk", "two"],
  ])("goes to %s, whatever kind of ref it is", (ref, content) => {
    expect(sync(`export GIT_REF=${ref}; check_remote GIT_REF && check_remote GIT_REF`).status).toBe(0);
    expect(read("clone/file")).toBe(content);
  });

  it("goes to a commit, and follows a branch that was rewritten", () => {
    const first = git("-C", at("origin"), "rev-parse", "v1").trim();
    expect(sync(`export OTHER_REF=${first}; sync_repo OTHER_REF`).status).toBe(0);
    expect(read("clone/file")).toBe("one");
    git("-C", at("origin"), "checkout", "-q", "dev");
    git("-C", at("origin"), "reset", "-q", "--hard", "v1");
    commit("rewritten");
    expect(sync("export GIT_REF=dev; sync_repo GIT_REF").status).toBe(0);
    expect(read("clone/file")).toBe("rewritten");
  });

  it("warns about an unknown ref and takes the default branch", () => {
    for (const ref of ["nope", "--upload-pack=x"]) {
      const { status, stderr } = sync(`export GIT_REF=${ref}; sync_repo GIT_REF`);
      expect([status, stderr]).toEqual([0, expect.stringContaining(`${ref} is not known`)]);
      expect(read("clone/file")).toBe("two");
    }
  });

  it("finds a branch that a shallow clone does not have", () => {
    rmSync(at("clone"), { recursive: true });
    git("clone", "-q", "--depth", "1", `file://${at("origin")}`, at("clone"));
    expect(sync("export GIT_REF=dev; sync_repo GIT_REF").status).toBe(0);
    expect(read("clone/file")).toBe("dev");
  });

  it("takes main when the remote's HEAD leads nowhere", () => {
    git("-C", at("origin"), "branch", "main", "v1");
    git("-C", at("origin"), "symbolic-ref", "HEAD", "refs/heads/gone");
    git("-C", at("clone"), "remote", "set-head", "origin", "--delete");
    expect(sync("sync_repo GIT_REF").status).toBe(0);
    expect(read("clone/file")).toBe("one");
  });

  it("goes on with what is here when the remote cannot be reached", () => {
    rmSync(at("origin"), { recursive: true });
    const { status, stderr } = sync("sync_repo GIT_REF");
    expect([status, stderr]).toEqual([0, expect.stringContaining("cannot fetch")]);
    expect(read("clone/file")).toBe("one");
  });

  it("fails without a remote, and without a repository", () => {
    git("-C", at("clone"), "remote", "remove", "origin");
    expect(sync("sync_repo GIT_REF").status).toBe(1);
    expect(bash('cd "$D" && sync_repo GIT_REF').status).toBe(1);
  });

  const sync = (script: string) => bash(`cd "$D/clone"; ${script}`);
  function commit(content: string) {
    write("origin/file", content);
    git("-C", at("origin"), "add", "file");
    git("-C", at("origin"), "commit", "-qm", content);
  }
});

describe("install_requirements", () => {
  it("installs the folder's own and its folders', and says when one failed", () => {
    for (const name of ["", "a/", "b c/", "a/deep/"]) write(`nodes/${name}requirements.txt`, "x");
    mkdirSync(at("nodes/none"));
    expect(bash('install_requirements "$D/nodes/"').status).toBe(0);
    expect(calls()).toEqual(["", "a/", "b c/"].map((name) => `install -r ${at(`nodes/${name}requirements.txt`)}`));
    write("nodes/broken/requirements.txt", "x");
    expect(bash('install_requirements "$D/nodes"').status).toBe(1);
  });
});

describe("versions.env", () => {
  const versions = (before: string) =>
    bash(
      `${before}; source "$D/versions.env"; echo $TORCH_VERSION $TORCHVISION_VERSION $TORCHAUDIO_VERSION $PYTORCH_INDEX_URL`,
    )
      .stdout.trim()
      .split(" ");

  it("has defaults that belong together", () => {
    expect(versions(":")).toEqual(["2.10.0", "0.25.0", "2.10.0", "https://download.pytorch.org/whl/cu130"]);
  });

  it("leaves what was chosen, and takes the companions of that torch", () => {
    expect(versions("export TORCH_VERSION=2.7.1 PYTORCH_INDEX_URL=https://x/cu128")).toEqual([
      "2.7.1",
      "0.22.1",
      "2.7.1",
      "https://x/cu128",
    ]);
    expect(versions("export TORCH_VERSION=2.8")[0]).toBe("2.8");
  });
});

/** The exit code of a bash that runs beside others. */
async function start(script: string): Promise<number | null> {
  const [text, env] = asBash(script);
  const [code] = await once(spawn("bash", ["-c", text], { env, stdio: "ignore" }), "exit");
  return code;
}

function bash(script: string): { status: number | null; stdout: string; stderr: string } {
  const [text, env] = asBash(script);
  return spawnSync("bash", ["-c", text], { env, encoding: "utf8" });
}

function asBash(script: string): [text: string, env: Record<string, string>] {
  const text = `set -euo pipefail\nsource "$D/functions.sh"\n${script}\n`;
  return [text, { PATH: `${at("bin")}:/usr/bin:/bin`, D: dir, CALLS: at("calls"), HOME: dir }];
}

function git(...args: string[]): string {
  const name = { GIT_AUTHOR_NAME: "t", GIT_AUTHOR_EMAIL: "t@t", GIT_COMMITTER_NAME: "t", GIT_COMMITTER_EMAIL: "t@t" };
  return execFileSync("git", args, {
    env: { PATH: process.env["PATH"], HOME: dir, ...name },
    encoding: "utf8",
    stdio: "pipe",
  });
}

function at(name: string): string {
  return join(dir, name);
}

function write(name: string, text: string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

function executable(name: string, script: string): void {
  write(name, `#!/bin/bash\n${script}\n`);
  chmodSync(at(name), 0o755);
}

function read(name: string): string {
  return readFileSync(at(name), "utf8");
}

function calls(): string[] {
  return existsSync(at("calls")) ? read("calls").trim().split("\n") : [];
}
