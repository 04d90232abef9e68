/** What an instance's own copy of its blueprint's source is called, in its folder. */
import type { BlueprintKind } from "./instance.ts";

export const OWN_SOURCE: Readonly<Record<BlueprintKind, string>> = {
  bash: "launch.sh",
  container: "container.yaml",
  aikit: "aikitfile.yaml",
  pinokio: "pinokio.js",
};
