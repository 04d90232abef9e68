/** Where a node is rented and what that means for it, in plain words. */
import type { Facts, Gpu, Hosting } from "@roundhouse/protocol/facts";

export type FactRow = readonly [label: string, value: string];

const PLATFORM_NAMES: Readonly<Record<string, string>> = {
  local: "Own machine",
  vast: "Vast.ai",
  runpod: "RunPod",
  lightning: "Lightning AI",
  colab: "Google Colab",
  kaggle: "Kaggle",
  paperspace: "Paperspace",
  unknown: "Not recognised",
};

export function platformName(platform: string): string {
  return PLATFORM_NAMES[platform] ?? platform;
}

export function gpuWords(gpus: readonly Gpu[]): string {
  const [first] = gpus;
  if (first === undefined) return "no GPU";
  return gpus.length === 1 ? first.name : `${gpus.length} × ${first.name}`;
}

/** Rows for a list of facts. An agent that does not tell has its platform's name only. */
export function hostingRows(platform: string, { hosting }: Pick<Facts, "hosting">): FactRow[] {
  if (hosting === undefined) return [["Platform", platformName(platform)]];
  return [
    ["Platform", `${platformName(platform)}${recognised(hosting)}`],
    ["After a stop", survives(hosting)],
    ...limits(hosting),
    ["Inbound ports", INBOUND[hosting.inboundPorts]],
    ["Rights", `${hosting.root ? "root" : "an ordinary user"}${hosting.container ? ", in a container" : ""}`],
  ];
}

function recognised({ detectedBy, evidence }: Hosting): string {
  switch (detectedBy) {
    case "option":
      return " (as it was told)";
    case "environment":
      return ` (by the variable ${evidence ?? "of its environment"})`;
    case "files":
      return ` (by ${evidence ?? "its files"})`;
    case "none":
      return "";
  }
}

function survives({ survivesStop, persistentRoot }: Hosting): string {
  switch (survivesStop) {
    case "everything":
      return "Everything on its disk is still there.";
    case "persistent-root":
      return `Only ${persistentRoot ?? "its persistent folder"} is still there.`;
    case "nothing":
      return "Nothing is left: keep results elsewhere.";
    case "unknown":
      return "Not known: keep what matters elsewhere too.";
  }
}

function limits({ idleLimitMinutes, timeLimitHours }: Hosting): FactRow[] {
  const parts = [
    timeLimitHours === null ? undefined : `at most ${timeLimitHours} hours at a stretch`,
    idleLimitMinutes === null ? undefined : `stopped after about ${idleLimitMinutes} minutes idle`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [["Time", parts.join(", ")]];
}

const INBOUND: Readonly<Record<Hosting["inboundPorts"], string>> = {
  none: "none; it needs none",
  some: "some; none is used",
  unknown: "not known; it needs none",
};

export type ModeWords = { title: string; reason: string; advice: string };

/** What to say of a node that cannot do everything now; undefined for one that can. */
export function modeWords(hosting: Hosting | undefined): ModeWords | undefined {
  if (hosting === undefined || hosting.mode.mode === "full") return undefined;
  return { ...MODES[hosting.mode.mode], reason: hosting.mode.reason };
}

const MODES = {
  minimal: {
    title: "Minimal: nothing new is installed on it",
    advice: "What runs goes on. Free some disk, or delete instances for good; it notices within minutes.",
  },
  "read-only": {
    title: "Read-only: it runs no apps",
    advice: "Make its folder writable, or start its agent with --data and a folder that is.",
  },
} as const;
