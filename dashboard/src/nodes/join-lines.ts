/** What is pasted where to make a machine a node: the one source of these lines. `docs/join.md` shows the same. */

import { COLAB_RULE, KAGGLE_RULE } from "@roundhouse/protocol/platform-rules";

/** What a join token comes with. */
export type JoinLines = { install: { script: string; npx: string } };
/** One thing to do; `text` is what is pasted. */
export type JoinStep = { say: string; text: string };
export type JoinWay = {
  id: string;
  label: string;
  group: "Any machine" | "Notebook" | "Rented" | "For good";
  /** The platform's rule about what may run there; shown before anything is pasted. */
  rule?: string;
  steps: (lines: JoinLines) => JoinStep[];
  /** What to expect of the machine, once it is a node. */
  after: string;
};

const APPS_OFF = "App URLs of this node stay off until an admin confirms that your plan allows them.";
const RESTARTS = "The line may run at every start: a machine that is a node already stays the node it is.";

const LINUX: JoinWay = {
  id: "linux",
  label: "Any Linux machine",
  group: "Any machine",
  steps: ({ install }) => [{ say: "In a terminal, as any user:", text: install.script }],
  after: "It finds a Node from version 20 on, or fetches one into its own folder. Ctrl-C ends the agent; apps go on.",
};

const NODE: JoinWay = {
  id: "node",
  label: "With Node",
  group: "Any machine",
  steps: ({ install }) => [{ say: "In a terminal of a machine with Node 20 or newer:", text: install.npx }],
  after: "The package comes from this control plane, in the version that matches it.",
};

const COLAB: JoinWay = {
  id: "colab",
  label: "Google Colab",
  group: "Notebook",
  rule: `${COLAB_RULE} ${APPS_OFF}`,
  steps: ({ install }) => [
    { say: "In a cell. It ends when the node is connected:", text: `!${install.script} --background` },
  ],
  after:
    "The machine is gone with its session, after 12 hours on the free plan and sooner when idle: keep results elsewhere.",
};

const KAGGLE: JoinWay = {
  id: "kaggle",
  label: "Kaggle",
  group: "Notebook",
  rule: `${KAGGLE_RULE} ${APPS_OFF}`,
  steps: ({ install }) => [
    { say: "Turn Internet on in the notebook's settings. Then, in a cell:", text: `!${install.script} --background` },
  ],
  after: "A session ends after about 12 hours; of its files, those below /kaggle/working can be saved.",
};

const JUPYTER: JoinWay = {
  id: "jupyter",
  label: "Jupyter",
  group: "Notebook",
  steps: ({ install }) => [
    { say: "In a cell. It ends when the node is connected:", text: `!${install.script} --background` },
  ],
  after: "The agent goes on in the background. A terminal of Jupyter takes the line without its “!”.",
};

const VAST: JoinWay = {
  id: "vast",
  label: "Vast.ai",
  group: "Rented",
  steps: ({ install }) => [
    {
      say: "In the template's On-start Script:",
      text: `${install.script} --background`,
    },
  ],
  after: `${RESTARTS} Its disk survives a stop, not a destroy.`,
};

const RUNPOD: JoinWay = {
  id: "runpod",
  label: "RunPod",
  group: "Rented",
  steps: ({ install }) => [
    {
      say: "As the template's Container Start Command, for RunPod's own images:",
      text: `bash -c '${install.script} --background & exec /start.sh'`,
    },
  ],
  after: `${RESTARTS} Only /workspace survives a stop, so the node keeps everything there.`,
};

const LIGHTNING: JoinWay = {
  id: "lightning",
  label: "Lightning AI",
  group: "Rented",
  steps: ({ install }) => [
    {
      say: "In a terminal of the Studio. It joins, and starts again whenever the Studio wakes:",
      text: `${install.script} --install-service`,
    },
  ],
  after: "The Studio's home survives its sleep, the node and its apps with it.",
};

const PAPERSPACE: JoinWay = {
  id: "paperspace",
  label: "Paperspace",
  group: "Rented",
  steps: ({ install }) => [{ say: "In a terminal of the notebook or machine:", text: install.script }],
  after:
    "Of a notebook only /storage and /notebooks survive a stop; run the line again after one. On a Core machine, use systemd.",
};

const SYSTEMD: JoinWay = {
  id: "systemd",
  label: "systemd",
  group: "For good",
  steps: ({ install }) => [
    {
      say: "It joins, and writes and starts a service: of the machine as root, else of the user:",
      text: `${install.script} --install-service`,
    },
  ],
  after: "The service has KillMode=process: when the agent is stopped or upgraded, its apps go on.",
};

const DOCKER: JoinWay = {
  id: "docker",
  label: "Docker",
  group: "For good",
  steps: ({ install }) => [
    {
      say: "On a machine with Docker (with an NVIDIA GPU, add --gpus all):",
      text: [
        "docker run -d --name worker-agent --restart unless-stopped --init -v worker-agent:/data \\",
        `  node:24-slim ${install.npx} --data /data`,
      ].join("\n"),
    },
  ],
  after: "Apps run in that container. The volume keeps the node and its apps when the container is made again.",
};

export const JOIN_WAYS: readonly JoinWay[] = [
  ...[LINUX, NODE, COLAB, KAGGLE, JUPYTER, VAST, RUNPOD, LIGHTNING, PAPERSPACE, SYSTEMD, DOCKER],
];

export const DEFAULT_WAY = LINUX;

export function findWay(id: string): JoinWay {
  return JOIN_WAYS.find((way) => way.id === id) ?? DEFAULT_WAY;
}
