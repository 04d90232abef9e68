/** How this machine can start an agent by itself: systemd, a file of the platform, or not at all. */
import { join } from "node:path";
import { hasPath } from "../host/view.ts";
import type { Whereabouts } from "../host/whereabouts.ts";
import { type Hook, hookOf } from "./hooks.ts";
import { UNIT_NAME, type UnitScope } from "./systemd.ts";

export type Way =
  | { how: "systemd"; scope: UnitScope; file: string }
  | { how: "hook"; hook: Hook }
  | { how: "by-hand"; because: string };

/** sd_booted(3). */
const SYSTEMD_RUNS = "/run/systemd/system";

export function chooseWay({ view, detection }: Pick<Whereabouts, "view" | "detection">): Way {
  const { name } = detection.platform;
  if (hasPath(view, SYSTEMD_RUNS)) {
    return view.uid === 0
      ? { how: "systemd", scope: "system", file: join("/etc/systemd/system", UNIT_NAME) }
      : { how: "systemd", scope: "user", file: join(view.home, ".config/systemd/user", UNIT_NAME) };
  }
  const hook = hookOf(name, view);
  if (hook) return { how: "hook", hook };
  if (name === "colab" || name === "kaggle") {
    const because = `Nothing on ${name} starts by itself. In a session that still has the data root, run this in a cell:`;
    return { how: "by-hand", because };
  }
  const because = `No systemd runs here, and no file is known that ${name} machines run for this user at their start.`;
  return { how: "by-hand", because: `${because} Have this line run at each start:` };
}
