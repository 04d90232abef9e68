/** Hard paths in scripts, in every place a script may have one. */
import { describe, expect, it } from "vitest";
import { type HardPaths, rewriteHardPaths } from "../../../worker-agent/src/blueprints/bash/rewrite.ts";

const PATHS: HardPaths = {
  libraryDir: "/d/launch",
  condaDir: "/opt/conda",
  homeDir: "/d/home/app",
  configDirs: { models: "/d/models", outputs: "/d/outputs", trashcan: "/d/trash", tmp: "/d/tmp" },
  configDir: "/d/config",
};

const rewrite = (script: string) => rewriteHardPaths(script, PATHS);

describe("hard paths", () => {
  it.each([
    ["source /opt/sd-install/functions.sh", "source /d/launch/functions.sh"],
    [". '/opt/sd-install/versions.env'", ". '/d/launch/versions.env'"],
    ["export PATH=/home/abc/miniconda3/bin:$PATH", "export PATH=/opt/conda/bin:$PATH"],
    ["HOME=/home/abc", "HOME=/d/home/app"],
    ["sl_folder $X models /config/models checkpoints", "sl_folder $X models /d/models checkpoints"],
    ['a="/config/models/vae"', 'a="/d/models/vae"'],
    ['b="${MODELS:-/config/models}"', 'b="${MODELS:-/d/models}"'],
    ["c=${MODELS:-'/config/models'}", "c=${MODELS:-'/d/models'}"],
    ["PATH=$PATH:/config/tmp/bin", "PATH=$PATH:/d/tmp/bin"],
    ["sed -i 's|/config/outputs|x|' f", "sed -i 's|/d/outputs|x|' f"],
    ['echo "{\\"dir\\": \\"/config/models\\"}"', 'echo "{\\"dir\\": \\"/d/models\\"}"'],
    ["ls >/config/tmp/log 2>&1", "ls >/d/tmp/log 2>&1"],
    ["x=$(ls /config/models)", "x=$(ls /d/models)"],
    ["cat /config/models;ls /config/trashcan&", "cat /d/models;ls /d/trash&"],
    ["cd /config/models/", "cd /d/models/"],
    ["mkdir /config/models$SUFFIX", "mkdir /d/models$SUFFIX"],
    ["touch /config/aikore.db", "touch /d/config/aikore.db"],
    ['ls "/config/$name"', 'ls "/d/config/$name"'],
    ["cp /config/models/a /config/models/b", "cp /d/models/a /d/models/b"],
  ])("are replaced: %s", (script, expected) => {
    expect(rewrite(script)).toBe(expected);
  });

  it.each([
    "ls /config/modelsX",
    "ls /config/models.bak /config/models-old",
    "ls foo/config/models",
    "curl https://x/config/models",
    "curl http://127.0.0.1:8188/config/models",
    'ls "$BASE/config/models" ${BASE}/config/models',
    'ls "$BASE"/config/models',
    "ls $(pwd)/config/models ~/config/models ./config/models ../config/models",
    '@app.get("/config")',
    "ls /opt/sd-installer /home/abcd /xhome/abc",
    "cp --prefix-/config/models",
  ])("stay where they only look like one: %s", (script) => {
    expect(rewrite(script)).toBe(script);
  });

  it("are refused when the data root would come apart in a shell, unless there are none", () => {
    for (const dir of ["/my data/models", "/a'b/models", "/a$b/models", "/a;b/models"]) {
      const paths = { ...PATHS, configDirs: { ...PATHS.configDirs, models: dir } };
      expect(() => rewriteHardPaths("ls /config/models", paths)).toThrow(
        expect.objectContaining({ code: "unsafe_data_root" }),
      );
      expect(rewriteHardPaths("ls /tmp", paths)).toBe("ls /tmp");
    }
  });
});
