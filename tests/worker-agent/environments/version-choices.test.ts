/** What one may choose for an environment: from a real index on loopback, a driver, and what a host has. */
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { LaunchError } from "../../../worker-agent/src/blueprints/runtime.ts";
import { parseTorchVersions, torchIndex } from "../../../worker-agent/src/environments/torch-index.ts";
import {
  createVersionChoices,
  cudaOfDriver,
  pythonChoices,
} from "../../../worker-agent/src/environments/version-choices.ts";

const PAGE = `<!DOCTYPE html><html><body><h1>Links for torch</h1>
<a href="/whl/cu128/torch-2.9.1%2Bcu128-cp312-cp312-manylinux_2_28_x86_64.whl#sha256=1">torch-2.9.1+cu128-cp312-cp312-manylinux_2_28_x86_64.whl</a>
<a href="/whl/cu130/torch-2.10.0%2Bcu130-cp313-cp313t-manylinux_2_28_x86_64.whl">torch-2.10.0+cu130-cp313-cp313t-manylinux_2_28_x86_64.whl</a>
<a href="/whl/cu128/torch-2.10.0%2Bcu128-cp310-cp310-win_amd64.whl">torch-2.10.0+cu128-cp310-cp310-win_amd64.whl</a>
<a href="/whl/cu118/torch-2.7.1%2Bcu118-cp310-cp310-linux_x86_64.whl">torch-2.7.1+cu118-cp310-cp310-linux_x86_64.whl</a>
<a href="/whl/cpu/torch-2.10.0%2Bcpu-cp310-cp310-linux_x86_64.whl">torch-2.10.0+cpu-cp310-cp310-linux_x86_64.whl</a>
<a href="/whl/rocm7.1/torch-2.10.0%2Brocm7.1-cp310-cp310-linux_x86_64.whl">torch-2.10.0+rocm7.1-cp310-cp310-linux_x86_64.whl</a>
<a href="/whl/x/mytorch-9.9.9%2Bcu130-cp310.whl">mytorch</a></body></html>`;

const NEWEST = { version: "2.10.0", cuda: ["13.0", "12.8"] };

let server: Server | undefined;
afterEach(() => server?.close());

/** An index that answers with this, and the paths it was asked for, with who asked. */
async function serve(status: number, body: string) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization].filter(Boolean).join(" "));
    response.writeHead(status, { "content-type": "text/html" }).end(body);
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const address = server.address();
  return { at: `127.0.0.1:${typeof address === "object" && address ? address.port : 0}/whl`, asked };
}

const facts = async () => ({
  environments: { tools: [], pythons: [{ version: "3.11.2", path: "/usr/bin/python3", venv: true }] },
});

describe("the choices", () => {
  it("name torch's versions by the index, and the CUDA versions up to the driver's", async () => {
    const { at, asked } = await serve(200, PAGE);
    const index = () => `http://me:s%20ecret@${at}`;
    const read = createVersionChoices({ facts, index, readDriverCuda: async () => "12.9", log: () => undefined });
    expect(await read()).toEqual({
      pythons: [{ version: "3.11", source: "installed" }],
      cuda: { driver: "12.9", versions: ["12.8", "11.8"] },
      torch: [NEWEST, { version: "2.9.1", cuda: ["12.8"] }, { version: "2.7.1", cuda: ["11.8"] }],
      torchSource: "index",
    });
    await read();
    expect(asked).toEqual([`/whl/torch/ Basic ${btoa("me:s ecret")}`]);
  });

  it("fall back to the list of the build where the index does not answer, say why, and ask again later", async () => {
    const { at, asked } = await serve(503, "");
    const said: string[] = [];
    let now = 0;
    const sources = { readDriverCuda: async () => null, log: (line: string) => said.push(line), now: () => now };
    const read = createVersionChoices({ facts, index: () => `http://${at}`, ...sources });
    const choices = await read();
    expect(choices).toMatchObject({ torchSource: "build", cuda: { driver: null, versions: [] } });
    expect(choices.torch[0]?.version).toMatch(/^2\.\d+\.\d+$/);
    await read();
    now = 61_000;
    await read();
    expect(asked).toEqual(["/whl/torch/", "/whl/torch/"]);
    expect(said[0]).toContain("the index answers 503");
  });
});

it("a page of links gives versions, the newest first", () => {
  expect(parseTorchVersions(PAGE)[0]).toEqual(NEWEST);
  expect(parseTorchVersions("no page at all")).toEqual([]);
});

it("what uv and conda fetch is offered beside what is installed", () => {
  const pythons = [
    { version: "3.11.2", path: "/a", venv: true },
    { version: "3.7.9", path: "/b", venv: false },
  ];
  const choices = pythonChoices({ tools: [{ name: "uv", path: "/uv", version: null }], pythons });
  expect(choices.map(({ version }) => version)).toEqual(["3.14", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8"]);
  expect(choices.filter(({ source }) => source === "installed")).toEqual([{ version: "3.11", source: "installed" }]);
});

it("the driver's CUDA is read from the head of nvidia-smi's table", () => {
  const head = "| NVIDIA-SMI 570.86.15    Driver Version: 570.86.15    CUDA Version: 12.8     |";
  expect(cudaOfDriver(head)).toBe("12.8");
  expect(cudaOfDriver("NVIDIA-SMI has failed")).toBeNull();
});

it("PYTORCH_INDEX is the address of a mirror, and nothing that a shell would run", () => {
  expect(torchIndex({})).toBe("https://download.pytorch.org/whl");
  expect(torchIndex({ PYTORCH_INDEX: "https://mirror.example/whl/" })).toBe("https://mirror.example/whl");
  for (const bad of ["mirror", "file:///x", "https://x/$(id)", 'https://x/"; id']) {
    expect(() => torchIndex({ PYTORCH_INDEX: bad })).toThrow(LaunchError);
  }
});
