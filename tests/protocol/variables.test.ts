/** Environment variables of instances: what may be written, what is kept for the launch, and what of them is a secret. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DesiredInstance } from "@roundhouse/protocol/instance";
import { MAX_VARIABLE_BYTES, MAX_VARIABLES, MAX_VARIABLES_BYTES } from "@roundhouse/protocol/limits";
import { DeclaredPort } from "@roundhouse/protocol/ports";
import {
  bytesOfVariables,
  type EnvironmentVariable,
  EnvironmentVariables,
  plainVariables,
  secretsOf,
  secretVariableNames,
} from "@roundhouse/protocol/variables";

const isAccepted = (...variables: unknown[]) => EnvironmentVariables.safeParse(variables).success;
const pathOf = (variables: unknown) => EnvironmentVariables.safeParse(variables).error?.issues[0]?.path;
const names = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,30}$/),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("A=B", "A B", "1A", "", "Ä", "A-B", "A\n", "__proto__", "x".repeat(129)),
);
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom("", "a\0b", "\ud800", "a\nb", "$(id)", "'\"`", "x".repeat(MAX_VARIABLE_BYTES)),
);

/** What each launch sets, and what would lead its programs astray before they have become the app's user. */
const RESERVED = [
  ...["PATH", "HOME", "SHELL", "PWD", "OLDPWD", "SHLVL", "_", "TMPDIR", "WEBUI_PORT", "SUBFOLDER", "BLUEPRINT_ID"],
  ...["TERMINAL_ID", "PYTHONUNBUFFERED", "PYTHON_VERSION", "CUDA_VERSION", "TORCH_VERSION", "PYTORCH_INDEX_URL"],
  ...["CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "VIRTUAL_ENV", "CONDA_PREFIX"],
  ...["INSTANCE_CONF_DIR", "INSTANCE_FAMILY_OUTPUT_DIR", "INSTANCE_ANYTHING", "ROUNDHOUSE_KEY"],
  ...["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "MUSL_LOCPATH"],
  ...[
    "NLSPATH",
    "LANGUAGE",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "LIBMOUNT_MTAB",
    "LIBBLKID_DEBUG",
    "BLKID_FILE",
  ],
];
const FREE = [
  ...["LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "HF_HOME", "HF_TOKEN", "HTTP_PROXY", "https_proxy", "NO_PROXY"],
  ...["PYTHONPATH", "PYTHONHASHSEED", "PIP_INDEX_URL", "UV_CACHE_DIR", "XDG_CACHE_HOME", "CUDA_HOME", "TORCH_HOME"],
  ...["NCCL_DEBUG", "OMP_NUM_THREADS", "OPENAI_API_KEY", "NVIDIA_VISIBLE_DEVICES", "PATHS", "LD", "MY_PATH", "path"],
];

describe("a variable", () => {
  it("has a value, or names a secret, and not both", () => {
    expect(isAccepted({ name: "A", value: "" }, { name: "B", secret: "S" })).toBe(true);
    for (const bad of [{ name: "A" }, { name: "A", value: "", secret: "S" }])
      expect(pathOf([bad])).toEqual([0, "value"]);
    expect(pathOf([{ name: "A", secret: "no name" }])).toEqual([0, "secret"]);
    expect(pathOf([{ name: "A", value: 1 }])).toEqual([0, "value"]);
  });

  it("that is accepted reaches a program as it was written, whatever is tried", () => {
    const accepted: EnvironmentVariable[] = [];
    fc.assert(
      fc.property(names, values, (name, value) => {
        if (!isAccepted({ name, value })) return;
        expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
        expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(value))).toBe(value);
        expect(value).not.toContain("\0");
        if (!accepted.some((one) => one.name === name)) accepted.push({ name, value });
      }),
      { numRuns: 2000 },
    );
    const some = accepted.filter(({ value = "" }) => value.length < 1000).slice(0, 200);
    expect(some.length).toBeGreaterThan(50);
    const env = plainVariables(some);
    const script = "process.stdout.write(JSON.stringify({ ...process.env }))";
    const seen = JSON.parse(String(spawnSync(process.execPath, ["-e", script], { env }).stdout)) as object;
    expect(seen).toMatchObject(env);
  });

  it("of the launch, of loaders and of shells is refused, for ports too", () => {
    for (const name of RESERVED) {
      expect(pathOf([{ name, value: "x" }]), name).toEqual([0, "name"]);
      expect(pathOf([{ name, secret: "S" }]), name).toEqual([0, "name"]);
      expect(DeclaredPort.safeParse({ name: "api", env: name }).success, name).toBe(false);
    }
  });

  it("that no launch needs is free, also those that tell programs their language, folders and proxies", () => {
    for (const name of FREE) expect(isAccepted({ name, value: "x" }), name).toBe(true);
    for (const name of ["LANG", "LC_ALL", "TERM", "PYTHONPATH", "CUDA_HOME", "TORCH_HOME"]) {
      expect(DeclaredPort.safeParse({ name: "api", env: name }).success, name).toBe(false);
    }
  });
});

describe("the variables of an instance", () => {
  it("are told apart by their names", () => {
    const twice = [
      { name: "A", value: "1" },
      { name: "B", value: "1" },
      { name: "A", secret: "S" },
    ];
    expect(pathOf(twice)).toEqual([2, "name"]);
    expect(isAccepted({ name: "a", value: "1" }, { name: "A", value: "1" })).toBe(true);
  });

  it("are so many at most, and so long, each and together", () => {
    const some = Array.from({ length: MAX_VARIABLES + 1 }, (_, at) => ({ name: `V${at}`, value: "x" }));
    expect([isAccepted(...some.slice(1)), isAccepted(...some)]).toEqual([true, false]);
    const longest = "ä".repeat(MAX_VARIABLE_BYTES / 2);
    expect(isAccepted({ name: "A", value: longest })).toBe(true);
    expect(pathOf([{ name: "A", value: `${longest}x` }])).toEqual([0, "value"]);
    const full = [
      { name: "A", value: longest },
      { name: "B", value: "" },
    ];
    full[1]!.value = "x".repeat(MAX_VARIABLES_BYTES - bytesOfVariables(full));
    expect([bytesOfVariables(full), isAccepted(...full)]).toEqual([MAX_VARIABLES_BYTES, true]);
    full[1]!.value += "x";
    expect(pathOf(full)).toEqual([]);
  });

  it("are parted into values, secrets, and the variables that get these", () => {
    const env = [
      { name: "A", value: "" },
      { name: "B", secret: "S" },
      { name: "C", secret: "S" },
      { name: "D", value: "$B" },
    ];
    expect(plainVariables(env)).toEqual({ A: "", D: "$B" });
    expect([secretsOf(env), secretVariableNames(env)]).toEqual([["S"], ["B", "C"]]);
  });
});

it("what was accepted once reaches its node, also where a later rule would refuse it", () => {
  const shape = DesiredInstance.safeParse({
    ...{ id: "in_1", name: "a", slug: "a", folder: "a", generation: 1, desired: "stopped", epoch: 0, gpuIds: [] },
    ...{ autostart: false, port: null, outputPath: null, restartPolicy: "never", parent: null },
    ...{ pythonVersion: null, cudaVersion: null, torchVersion: null, deleteMode: "trash", origin: null },
    blueprint: { name: "hello", kind: "bash", digest: "d" },
    ports: [{ name: "Former", port: null, env: "PATH" }],
    env: [{ name: "PATH", value: "/" }],
  });
  expect(shape.success, shape.error?.message).toBe(true);
});
