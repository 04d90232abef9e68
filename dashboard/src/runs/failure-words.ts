/** Why a run failed, and what a person can do about it. */
import type { RunFailure } from "@roundhouse/protocol/api/run";

export const FAILURE_WORDS: Readonly<Record<RunFailure, { title: string; remedy: string }>> = {
  turn_limit: {
    title: "It reached its limit of turns",
    remedy: "Look whether it went round in circles below; else raise the turns of the job, or make the task smaller.",
  },
  time_limit: {
    title: "It reached its limit of time",
    remedy: "Raise the minutes of the job, or look below for the call that took so long.",
  },
  token_limit: {
    title: "It reached its limit of tokens",
    remedy: "Raise the tokens of the job, or have it read less: long outputs are read again in every turn.",
  },
  money_limit: {
    title: "It reached its limit of money",
    remedy: "Raise the limit of the job, or choose a cheaper model. No call was made past the limit.",
  },
  provider_failed: {
    title: "No model answered",
    remedy: "Test the provider under Settings → Providers, and give the job a fallback.",
  },
  no_node: {
    title: "It had no node to work on",
    remedy: "Look under Nodes whether those of the job are there and carry the labels that it names.",
  },
  bad_output: {
    title: "The last answer is not what the job's schema asks for",
    remedy: "Make the schema simpler, show an example in the instructions, or choose a stronger model.",
  },
  unknown_outcome: {
    title: "Nobody knows what became of one of its calls",
    remedy: "Look at the node whether it was done. Then run the job again, or do the rest by hand.",
  },
  job_removed: { title: "Its job was removed", remedy: "Make the job anew to run it again." },
  internal: { title: "Something went wrong in Roundhouse", remedy: "Run it again; if it stays so, look at the log." },
};
