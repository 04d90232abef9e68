/** Values of fields as text, there and back; and GPUs, which have two names each. */
import { expect, it } from "vitest";
import type { Gpu } from "@roundhouse/protocol/facts";
import { readField, writeField } from "../../dashboard/src/instances/field-text.ts";
import { chooseGpu, gpusAsNamed, isGpuChosen } from "../../dashboard/src/instances/gpu-choice.ts";

it.each([
  ["name", " Comfy ", "Comfy"],
  ["name", "", ""],
  ["outputPath", " ", null],
  ["pythonVersion", "3.12", "3.12"],
  ["port", "", null],
  ["port", "19001", 19_001],
  ["ports", "api:8001", [{ name: "api", port: 8001, env: null }]],
] as const)("%s typed as %j is %j", (field, text, value) => {
  expect(readField(field, text)).toEqual(value);
});

it("what is written is read again as it was", () => {
  expect(readField("ports", writeField("ports", [{ name: "ui", port: null, env: "UI_PORT" }]))).toEqual([
    { name: "ui", port: null, env: "UI_PORT" },
  ]);
  expect(writeField("port", null)).toBe("");
  expect(readField("port", writeField("port", 19_001))).toBe(19_001);
});

const gpus = [0, 1, 2].map((index) => ({ index, id: `GPU-${index}` }) as Gpu);

it("a GPU is chosen by its id or by its index, and those that the node has no more are left out", () => {
  const chosen = ["GPU-0", "2", "GPU-gone"];
  expect(gpus.map((gpu) => isGpuChosen(chosen, gpu))).toEqual([true, false, true]);
  expect(chooseGpu(chosen, gpus, gpus[1] as Gpu, true)).toEqual(["GPU-0", "GPU-1", "GPU-2"]);
  expect(chooseGpu(chosen, gpus, gpus[0] as Gpu, false)).toEqual(["GPU-2"]);
});

it("the same GPUs under other names are no change", () => {
  expect(gpusAsNamed(["2", "0"], ["GPU-0", "GPU-2"], gpus)).toEqual(["2", "0"]);
  expect(gpusAsNamed(["2"], ["GPU-0"], gpus)).toEqual(["GPU-0"]);
  expect(gpusAsNamed(["0"], [], gpus)).toEqual([]);
  expect(gpusAsNamed(["gone"], [], gpus)).toEqual([]);
});
