/** The tools of this node put together: what they may do, what they see, and the calls that are under way. */
import type { Facts } from "@roundhouse/protocol/facts";
import type { ControlDesired } from "@roundhouse/protocol/messages";
import type { Policy } from "@roundhouse/protocol/policy";
import type { AppUser } from "../blueprints/runtime.ts";
import { Effects } from "../effects/effects.ts";
import type { DataRoot } from "../host/data-root.ts";
import type { StatsRecorder } from "../host/stats.ts";
import type { Instances } from "../instances/instances.ts";
import { installKeeper, installProgram } from "../keeper/start.ts";
import type { AdmissionDeps } from "./admission.ts";
import { Calls } from "./calls.ts";
import { resultOf } from "./effect-result.ts";
import { Places } from "./places.ts";
import { toolsService } from "./service.ts";
import { giveWorkspace } from "./workspace.ts";

export type ToolsOptions = {
  root: DataRoot;
  user: AppUser | null;
  instances: Pick<Instances, "foldersOf" | "portsOf" | "observed">;
  stats: Pick<StatsRecorder, "latest">;
  facts: () => Promise<Facts>;
  mcpServer: AdmissionDeps["mcpServer"];
  /** What the node was joined with; null: none. */
  ceiling: Policy | null;
  /** The bundled programs. */
  keeperFile: string;
  toolFile: string;
  log: (line: string) => void;
  mostRunning?: number;
};

export type Tools = {
  fetch: (request: Request) => Promise<Response | undefined>;
  applyDesired(desired: ControlDesired): void;
  /** Finds the calls of an earlier agent again. */
  begin(): Promise<void>;
  /** With `endKeepers` what runs is ended within 5 s, else it goes on. */
  shutdown(options: { endKeepers: boolean }): Promise<void>;
};

export function createTools(options: ToolsOptions): Tools {
  const { root, user, instances, log } = options;
  let desired: ControlDesired | undefined;
  const programs = { keeper: options.keeperFile, tool: options.toolFile };
  const effects = new Effects({
    root,
    program: () => programs.keeper,
    resultOf,
    log,
    mostRunning: options.mostRunning,
  });
  const calls = new Calls({
    ...{ root, user, effects, log, stats: options.stats, facts: options.facts, ceiling: options.ceiling },
    mcpServer: (id) => options.mcpServer(id),
    policy: () => desired?.policy ?? null,
    places: new Places({
      root,
      instances: () => desired?.instances.filter((one) => one.desired !== "deleted") ?? [],
      foldersOf: (id) => instances.foldersOf(id),
    }),
    portsOf: (id) => instances.portsOf(id),
    observed: (id) => instances.observed().find((one) => one.id === id),
    program: () => programs.tool,
  });
  return {
    fetch: toolsService({ calls, log }),
    applyDesired: (message) => (desired = message),
    begin: async () => {
      await giveWorkspace(root, user);
      // A disk that takes no copy: they are run from where they are.
      const whenNotCopied = (error: unknown) => log(`calls run under the agent's own programs: ${String(error)}`);
      programs.keeper = (await installKeeper(programs.keeper, root.binDir).catch(whenNotCopied)) ?? programs.keeper;
      const installed = installProgram("tool", programs.tool, root.launchDir, 0o644);
      programs.tool = (await installed.catch(whenNotCopied)) ?? programs.tool;
      await calls.begin();
    },
    shutdown: (how) => effects.shutdown(how),
  };
}
