/** The restart policies in words. */
import type { RestartPolicy } from "@roundhouse/protocol/instance";

export const RESTART_WORDS: readonly { value: RestartPolicy; label: string }[] = [
  { value: "never", label: "never" },
  { value: "on-failure", label: "on failure" },
  { value: "always", label: "always" },
];
