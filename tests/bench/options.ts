/** The command line of the benchmark. */
import { parseArgs } from "node:util";
import { type WayName, WAYS } from "./ways/target.ts";

export function usage(measures: readonly string[]): string {
  return `npm run bench [-- [<file.json>] [options]]

  <file.json>      where the figures go (default: bench-results.json)
  --only NAME      only this measure; may be repeated: ${measures.join(", ")}
  --ways A,B       only these ways: ${Object.keys(WAYS).join(", ")}
  --rounds N       rounds (default: 3); a figure is the median of its rounds
  --minutes N      how long the many links are held (default: 2)
  --markdown       print the table as Markdown`;
}

export type Options = {
  file: string;
  only: string[];
  ways: WayName[];
  rounds: number;
  minutes: number;
  markdown: boolean;
};

/** A mistake on the command line, in words for the person who typed it. */
export class UsageError extends Error {}

/** Throws {@link UsageError} that quotes the wrong value. */
export function parseOptions(argv: string[], measures: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  const only = values.only ?? [];
  for (const name of only) mustBeOneOf("--only", name, measures);
  const ways = values.ways?.split(",") ?? Object.keys(WAYS);
  for (const way of ways) mustBeOneOf("--ways", way, Object.keys(WAYS));
  return {
    file: positionals[0] ?? "bench-results.json",
    only,
    ways: ways as WayName[],
    rounds: numberOf("--rounds", values.rounds),
    minutes: numberOf("--minutes", values.minutes),
    markdown: values.markdown,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true },
        ways: { type: "string" },
        rounds: { type: "string", default: "3" },
        minutes: { type: "string", default: "2" },
        markdown: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function mustBeOneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new UsageError(`${option} "${value}" is none of ${known.join(", ")}`);
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${option} "${text}" is not a number above 0`);
  return value;
}
