/** What an update, a rebuild and a reset are called, and what they do: to a container, which has an image, and to a script. */
import type { Instance } from "@roundhouse/protocol/api/instance";

export type RemakeVerb = "update" | "rebuild" | "reset";
export type RemakeWords = { title: string; button: string; what: string; look: "primary" | "danger" };

const WORDS: Readonly<Record<RemakeVerb, RemakeWords>> = {
  update: {
    title: "Update",
    button: "Update",
    what: "It takes the newest version of its blueprint. An edited launch script is replaced only when the blueprint changed.",
    look: "primary",
  },
  rebuild: {
    title: "Rebuild the environment of",
    button: "Rebuild",
    what: "Its environment is removed and made anew at its next launch: that takes as long as installing it did. Models, settings and outputs stay.",
    look: "primary",
  },
  reset: {
    title: "Reset",
    button: "Reset",
    what: "Everything in its folder is removed, also what the app and you put there, but launch_args.txt, parameters.txt, requirements.txt and wheels. Models and outputs stay. This cannot be undone.",
    look: "danger",
  },
};

/** Where it is something else. A rebuild is not offered: what a container runs is in its image. */
const OF_CONTAINERS: Readonly<Partial<Record<RemakeVerb, string>>> = {
  update:
    "It takes the newest version of its blueprint, and its image is pulled anew at its next launch. An edited container.yaml is replaced only when the blueprint changed. Its folders stay.",
  reset:
    "Everything in its folder is removed: its container.yaml, and its data, which is what the container and you put into its folders. Its image, models and outputs stay. This cannot be undone.",
};

export function remakeWords(verb: RemakeVerb, kind: Instance["kind"]): RemakeWords {
  const words = WORDS[verb];
  return { ...words, what: (kind === "container" ? OF_CONTAINERS[verb] : undefined) ?? words.what };
}
