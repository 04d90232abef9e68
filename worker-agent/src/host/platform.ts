/** On whose platform this host is rented, as far as that shows. */
import type { Hosting } from "@roundhouse/protocol/facts";
import { LOCAL, type Platform, PLATFORMS, UNKNOWN_PLATFORM } from "./platforms.ts";
import { hasPath, type HostView } from "./view.ts";

export type Detection = Pick<Hosting, "detectedBy" | "evidence"> & { platform: Platform };

const ALL = [...PLATFORMS, LOCAL, UNKNOWN_PLATFORM];
export const PLATFORM_NAMES = ALL.map(({ name }) => name);

/** `override` is one of {@link PLATFORM_NAMES} and wins; then variables, then files. */
export function detectPlatform(view: HostView, override?: string): Detection {
  const named = ALL.find(({ name }) => name === override);
  if (named) return { platform: named, detectedBy: "option", evidence: null };
  return byVariables(view) ?? byFiles(view) ?? byNothing(view);
}

function byVariables({ variables }: HostView): Detection | undefined {
  for (const { source, values } of variables) {
    const names = [...values.keys()].filter((name) => values.get(name));
    for (const platform of PLATFORMS) {
      const found = firstEvidence(platform.variables, (one) =>
        Array.isArray(one) ? one.every((name) => names.includes(name)) && one[0] : names.find((name) => one.test(name)),
      );
      const evidence = found && (source ? `${found} in ${source}` : found);
      if (evidence) return { platform, detectedBy: "environment", evidence };
    }
  }
  return undefined;
}

function byFiles(view: HostView): Detection | undefined {
  for (const platform of PLATFORMS) {
    const evidence = firstEvidence(platform.paths, (one) => {
      const paths = Array.isArray(one) ? one : [one];
      return paths.every((path) => hasPath(view, path)) && paths[0];
    });
    if (evidence) return { platform, detectedBy: "files", evidence };
  }
  return undefined;
}

/** Where only `/workspace` shows it is somebody's container, and unknown whose. */
function byNothing(view: HostView): Detection {
  const platform = hasPath(view, "/workspace") ? UNKNOWN_PLATFORM : LOCAL;
  return { platform, detectedBy: "none", evidence: null };
}

function firstEvidence<T>(all: T[], look: (one: T) => string | false | undefined): string | undefined {
  for (const one of all) {
    const found = look(one);
    if (found) return found;
  }
  return undefined;
}
