/** How an environment is made: by which tool, and what happens when that fails. uv and the like only note their calls here. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { House } from "./house.ts";

vi.setConfig({ testTimeout: 120_000 });

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

const SOURCE = "source /opt/sd-install/functions.sh\n";
/** What a tool does that works: the folder is its last argument, or follows -p. */
const MAKES = `dir="\${@: -1}"; [ "$3" != -p ] || dir="$4"
mkdir -p "$dir/bin"; printf '#!/bin/sh\\necho 3.12.4\\n' > "$dir/bin/python"; cp "$dir/bin/python" "$dir/bin/pip"; chmod +x "$dir"/bin/*`;

const calls = (): string[] => readFileSync(house.at("app/calls"), "utf8").trim().split("\n");

describe("make_env", () => {
  it("takes uv first, with the Python that the instance asks for, kept beside the environment", () => {
    house.tool("uv", `echo "pythons in $UV_PYTHON_INSTALL_DIR"; ${MAKES}`);
    house.tool("micromamba", MAKES);
    const { status, said } = house.run(`${SOURCE}make_env "$PWD/env"`, { PYTHON_VERSION: "3.10" });
    expect([status, said]).toEqual([0, expect.stringContaining(`pythons in ${house.at("app/.python")}\n`)]);
    expect(calls()).toEqual([`uv venv --seed --python 3.10 ${house.at("app/env")}`]);
  });

  it("takes the usual version where none is asked for, and the next tool when one fails", () => {
    house.tool("uv", 'mkdir -p "${@: -1}/bin"; exit 2');
    house.tool("micromamba", MAKES);
    expect(house.run(`${SOURCE}make_env "$PWD/env"`).status).toBe(0);
    expect(calls()).toEqual([
      `uv venv --seed --python 3.12 ${house.at("app/env")}`,
      `micromamba create -y -p ${house.at("app/env")} -c conda-forge python=3.12 pip`,
    ]);
  });

  it("comes down to venv and whatever python3 there is, unless a version is asked for", () => {
    house.tool("uv", "exit 2");
    const { status, said } = house.run(`${SOURCE}set -euo pipefail\nmake_env "$PWD/env"\nenv/bin/pip --version`);
    expect([status, said]).toEqual([0, expect.stringContaining(`from ${house.at("app/env")}/lib/`)]);
    const other = house.run(`${SOURCE}make_env "$PWD/other" 3.99`);
    expect(other).toMatchObject({ status: 1, said: expect.stringContaining("no environment with Python 3.99") });
    expect(existsSync(house.at("app/other"))).toBe(false);
  });

  it("leaves one that is there as it is, says so when its version is another, and makes a half-made one anew", () => {
    house.tool("uv", MAKES);
    house.run(`${SOURCE}make_env "$PWD/env" 3.12`);
    const again = house.run(`${SOURCE}make_env "$PWD/env" 3.10`);
    expect(again).toMatchObject({ status: 0, said: expect.stringContaining("has Python 3.12.4, not 3.10: rebuild") });
    expect(calls()).toHaveLength(1);
    house.run("rm env/bin/pip; touch env/pyvenv.cfg env/left-over");
    house.run(`${SOURCE}make_env "$PWD/env"`);
    expect([calls().length, existsSync(house.at("app/env/left-over"))]).toEqual([2, false]);
  });

  it("never takes away a folder that is no environment", () => {
    house.tool("uv", MAKES);
    mkdirSync(house.at("app/env"));
    writeFileSync(house.at("app/env/precious"), "p");
    const { status, said } = house.run(`${SOURCE}make_env "$PWD/env"`);
    expect([status, said]).toEqual([1, expect.stringContaining("is in the way: it is no environment")]);
    expect(readFileSync(house.at("app/env/precious"), "utf8")).toBe("p");
  });
});
