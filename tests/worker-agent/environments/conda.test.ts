/** The lines that scripts write for conda, on a host that has none: real bash and real virtual environments, as the app's user. */
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { House } from "./house.ts";

/** Making a virtual environment takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 120_000 });

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

/** The Python that venv has to do with here, as `3.11`. */
function hostVersion(): string {
  return house.run(`python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])'`).said.trim();
}

const WHERE = `python -c 'import sys; print("PREFIX", sys.prefix)'`;

describe("on a host with venv only", () => {
  it("runs a recipe's lines as they stand", () => {
    const recipe = `#!/bin/bash
source /opt/sd-install/functions.sh
export PATH="/home/abc/miniconda3/bin:$PATH"
set -e
conda clean -ya
clean_env "\${INSTANCE_CONF_DIR}/env"
if [ ! -d "\${INSTANCE_CONF_DIR}/env" ]; then
    echo "Creating Conda environment"
    conda create -y -p "\${INSTANCE_CONF_DIR}/env" python=${hostVersion()} pip
fi
source activate "\${INSTANCE_CONF_DIR}/env"
conda install -y -c conda-forge git pip
pip --version
${WHERE}
echo "CONDA $CONDA_PREFIX"
conda deactivate
command -v pip | grep app/env && exit 3
exit 0
`;
    const first = house.run(recipe);
    expect(first).toMatchObject({ status: 0, said: expect.stringContaining(`PREFIX ${house.at("app/env")}\n`) });
    expect(first.said).toContain(`CONDA ${house.at("app/env")}\n`);
    expect(first.said).toMatch(new RegExp(`^pip .* from ${house.at("app/env")}/lib/`, "m"));
    expect(house.run(recipe).said).not.toContain("Creating");
  });

  it("makes an empty environment first, where a script brings Python in later", () => {
    const { status, said } = house.run(`
export PATH="/home/abc/miniconda3/bin:$PATH"
set -e
conda create -p ./env -y
source activate ./env
conda install -n base conda-libmamba-solver -y
conda install -c conda-forge git python=${hostVersion()} pip libcurand --solver=libmamba -y
${WHERE}`);
    expect([status, said]).toEqual([0, expect.stringContaining(`PREFIX ${house.at("app/env")}`)]);
    expect(said).toContain("leaving libcurand out");
  });

  it.each([
    ["the hook", 'eval "$(conda shell.bash hook)"'],
    ["the profile", "source /home/abc/miniconda3/etc/profile.d/conda.sh"],
  ])("activates by name after %s, also under set -euo pipefail", (_, load) => {
    const { status, said } = house.run(`
set -euo pipefail
export PATH="/home/abc/miniconda3/bin:$PATH"
${load}
conda create -y -n thing python
conda activate thing
${WHERE}
conda env list
conda deactivate
echo "left \${CONDA_PREFIX:-nothing}"
conda run -n thing --no-capture-output ${WHERE}
conda env remove -y -n thing
conda activate thing 2>&1 || echo gone`);
    const folder = house.at("app/.conda/envs/thing");
    expect([status, said]).toEqual([0, expect.stringContaining("left nothing")]);
    expect(said.match(new RegExp(`^PREFIX ${folder}$`, "gm"))).toHaveLength(2);
    expect(said).toContain(`* ${folder}\n`);
    expect(said).toMatch(/no environment at .*thing\ngone\n/);
  });

  it("says which Python it has, and what to install for the one that is asked for", () => {
    const { status, said } = house.run(`/home/abc/miniconda3/bin/conda create -y -p env python=3.99`);
    expect(status).toBe(1);
    expect(said).toContain("no environment with Python 3.99 could be made");
    expect(said).toMatch(/This host has these: 3\.\d+\.\d+ \(.*python3/);
    expect(said).toContain("curl -LsSf https://astral.sh/uv/install.sh");
    expect(existsSync(house.at("app/env"))).toBe(false);
  });

  it("takes programs and libraries from the host, and makes nothing where one is missing", () => {
    house.tool("node", "echo v20.1.0");
    house.tool("ffmpeg");
    const older = house.run("/home/abc/miniconda3/bin/conda create -y -p env nodejs=22");
    expect(older).toMatchObject({
      status: 1,
      said: expect.stringContaining("20.1.0 of this host is older than the 22"),
    });
    const lacking = house.run(
      "/home/abc/miniconda3/bin/conda create -y -p env python nodejs=18 conda-forge::ffmpeg nss aria2",
    );
    expect(lacking.said).toMatch(/host's node for nodejs=18\n.*host's ffmpeg for ffmpeg\n/);
    expect(lacking.said).toMatch(/apt-get install (libnss3|aria2)\n[^]*micro\.mamba\.pm/);
    expect([lacking.status, existsSync(house.at("app/env"))]).toEqual([1, false]);
  });

  it("gives Python packages to pip, in pip's words, and fails with it", () => {
    const { status, said } = house.run(
      `/home/abc/miniconda3/bin/conda create -y -p env 'numpy=1.26' 'av>=11,<13' pyaudio==0.2.14`,
      { PIP_INDEX_URL: "http://127.0.0.1:9/simple", PIP_RETRIES: "0" },
    );
    expect(said).toContain("installing with pip: numpy==1.26.* av>=11,<13 pyaudio==0.2.14");
    expect([status, said]).toEqual([1, expect.stringContaining("pip could not install")]);
  });
});

describe("on a host with more", () => {
  it("gives the call to micromamba as it is, with the channel that scripts expect", () => {
    house.tool("micromamba", 'if [ "$1" = create ]; then mkdir -p "$6/bin" "$6/conda-meta"; fi');
    const lines = `export PATH="/home/abc/miniconda3/bin:$PATH"
conda create -y -p env python=3.12 nodejs ffmpeg
conda install -y -p env -c nvidia portaudio
conda clean -ya`;
    expect(house.run(lines).status).toBe(0);
    expect(readFileSync(house.at("app/calls"), "utf8").split("\n").slice(0, 3)).toEqual([
      "micromamba create -c conda-forge -y -p env python=3.12 nodejs ffmpeg",
      "micromamba install -y -p env -c nvidia portaudio",
      "micromamba clean -ya",
    ]);
  });
});
