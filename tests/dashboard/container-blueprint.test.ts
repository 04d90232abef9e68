/** What the dashboard makes of container blueprints. */
import { expect, test, vi } from "vitest";
import { checkBlueprint } from "@roundhouse/protocol/blueprint-check";
import { readContainer } from "@roundhouse/protocol/container-blueprint";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { containerInWords } from "../../dashboard/src/catalogue/container-words.ts";
import { NEW_BLUEPRINT } from "../../dashboard/src/catalogue/template.ts";
import { kindOfFile } from "../../dashboard/src/catalogue/written-kinds.ts";
import { lockOf } from "../../dashboard/src/instances/edits.ts";

vi.stubGlobal("addEventListener", () => undefined);
vi.stubGlobal("removeEventListener", () => undefined);
const drafts = await import("../../dashboard/src/catalogue/blueprint-drafts.ts");

test.each(["bash", "container"] as const)("what a new %s blueprint begins with has no problems", (kind) => {
  expect(checkBlueprint(kind, NEW_BLUEPRINT[kind])).toEqual([]);
});

test("every line of the container template that is commented out can be taken in", () => {
  const whole = NEW_BLUEPRINT.container.replaceAll(/^( *)# (?=- \{|\w+: (?:true|\{))/gm, "$1");
  const { spec, problems } = readContainer(whole);
  expect(problems).toEqual([]);
  expect(spec).toMatchObject({ network: true, gpus: true, writable: true, env: { NAME: "value" } });
  expect(spec?.mounts.map(({ from }) => from)).toEqual(["./data", "models", "outputs"]);
});

test("the kind of an uploaded file is told by its extension", () => {
  expect(["a.yaml", "My App.YML", "a.sh", "yaml", "a.yaml.sh"].map(kindOfFile)).toEqual([
    ...["container", "container", "bash", "bash", "bash"],
  ]);
});

test("drafts of new blueprints do not take each other's place", () => {
  const { blueprintDraft, dropBlueprintDraft, keepBlueprintDraft, newDraftKey } = drafts;
  const keys = [newDraftKey("bash", null), newDraftKey("container", null), newDraftKey("bash", "container")];
  for (const key of keys) keepBlueprintDraft(key, { name: key, source: "" });
  expect(keys.map((key) => blueprintDraft(key)?.name)).toEqual(keys);
  for (const key of keys) dropBlueprintDraft(key);
  expect(keys.map((key) => blueprintDraft(key))).toEqual([undefined, undefined, undefined]);
});

test("a container is told with what it is given, and with what it is not", () => {
  const wordsOf = (source: string) => {
    const { spec } = readContainer(source);
    return spec && Object.fromEntries(containerInWords(spec));
  };
  expect(wordsOf("image: busybox:1")).toEqual({
    ...{ Title: "its name", Category: "none", Description: "none", Image: "busybox:1", GPUs: "none" },
    ...{ Port: "none: its URL leads nowhere", Network: "no: it reaches no other machine" },
    ...{ Mounts: "none: nothing it writes stays", Memory: "all of its node's" },
  });
  const rich = `image: busybox:1
port: 80
ports: { metrics: 9187 }
network: true
gpus: true
memory: 1.5GiB
mounts: [{ from: ./data, to: /data }, { from: models, to: /models, readonly: true }]`;
  expect(wordsOf(rich)).toMatchObject({
    ...{ Port: "80", "More ports": "metrics 9187", Network: "yes: it reaches other machines" },
    ...{ Mounts: "./data as /data, models as /models (read-only)", Memory: "at most 1.5 GiB" },
    GPUs: "those chosen for the instance",
  });
});

test("only a container's versions are its image's", () => {
  const lockedIn = (kind: Instance["kind"]) =>
    (["pythonVersion", "torchVersion", "env"] as const).map((field) =>
      lockOf({ kind, parent: null, desired: "running" } as Instance, field),
    );
  const ofImage = "A container has the versions of its image.";
  expect(lockedIn("container")).toEqual([ofImage, ofImage, undefined]);
  expect(lockedIn("bash")).toEqual([undefined, undefined, undefined]);
});
