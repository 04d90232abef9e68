/** What it means for this node where it is hosted. */
import type { Hosting } from "@roundhouse/protocol/facts";
import type { Detection } from "./platform.ts";
import type { Kept } from "./platforms.ts";
import { type HostView, isContainer } from "./view.ts";
import type { Whereabouts } from "./whereabouts.ts";

export function hostingOf(view: HostView, detection: Detection, mode: Hosting["mode"]): Hosting {
  const { platform, detectedBy, evidence } = detection;
  const { inboundPorts, idleLimitMinutes, apps } = platform;
  return {
    ...{ detectedBy, evidence },
    root: view.uid === 0,
    container: isContainer(view),
    ...{ inboundPorts, ...platform.kept(view) },
    ...{ idleLimitMinutes, timeLimitHours: platform.timeLimitHours(view), apps, mode },
  };
}

/** For the terminal: whose machine this is, where everything is kept, what a stop leaves of it, and the platform's rule. */
export function describeWhereabouts({ view, detection, data }: Whereabouts): string[] {
  const { name, apps } = detection.platform;
  const told = detection.evidence === null ? "" : ` (${detection.evidence})`;
  const fate = fateAtStop(detection.platform.kept(view), data);
  const rule = apps.policy === "confirm" ? [`app URLs are off until an admin confirms them: ${apps.rule}`] : [];
  return [`platform ${name}${told}; everything is kept in ${data}; ${fate}`, ...rule];
}

function fateAtStop({ survivesStop, persistentRoot }: Kept, data: string): string {
  switch (survivesStop) {
    case "everything":
      return "a stop of the machine leaves it as it is";
    case "nothing":
      return "a stop of the machine loses it";
    case "unknown":
      return "whether it survives a stop of the machine is unknown";
    case "persistent-root":
      return persistentRoot !== null && data.startsWith(`${persistentRoot}/`)
        ? "it survives a stop of the machine"
        : `a stop of the machine loses it: only ${persistentRoot} survives one`;
  }
}
