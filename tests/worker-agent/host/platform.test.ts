/** Which platform a host is on, by what each one sets. */
import { describe, expect, it } from "vitest";
import { detectPlatform } from "../../../worker-agent/src/host/platform.ts";

type Evidence = { env?: Record<string, string>; paths?: string[]; first?: string[]; override?: string };

const detect = ({ env = {}, paths = [], first = [], ...rest }: Evidence) =>
  detectPlatform({ env, exists: (path) => paths.includes(path), firstProcessVariables: () => first, ...rest });

describe("the platform", () => {
  it.each<[string, Evidence]>([
    ["vast", { env: { VAST_CONTAINERLABEL: "C.1", CONTAINER_ID: "1" }, paths: ["/workspace"] }],
    ["runpod", { env: { RUNPOD_POD_ID: "abc", RUNPOD_DC_ID: "EU" }, paths: ["/workspace"] }],
    ["lightning", { env: { LIGHTNING_CLOUD_SPACE_ID: "01h" } }],
    ["colab", { env: { COLAB_RELEASE_TAG: "release-colab", COLAB_GPU: "1" } }],
    ["kaggle", { env: { KAGGLE_KERNEL_RUN_TYPE: "Interactive", COLAB_RELEASE_TAG: "x" } }],
    ["paperspace", { env: { PAPERSPACE_FQDN: "x.paperspacegradient.com" } }],
    ["runpod", { first: ["PATH", "RUNPOD_POD_ID"] }],
    ["lightning", { paths: ["/teamspace/studios/this_studio"] }],
    ["local", { env: { CONTAINER_ID: "1", HOME: "/root" } }],
    ["unknown", { paths: ["/workspace"] }],
    ["local", {}],
    ["my-rack", { override: "my-rack", env: { RUNPOD_POD_ID: "abc" } }],
  ])("is %s for %j", (name, evidence) => {
    expect(detect(evidence)).toBe(name);
  });

  it("is not named by a variable that is set but empty", () => {
    expect(detect({ env: { RUNPOD_POD_ID: "" } })).toBe("local");
  });
});
