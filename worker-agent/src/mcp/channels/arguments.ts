/** Words in arguments and variables that stand for the node's folders. Pure. */
import { McpProblem } from "../channel.ts";

const WORD = /\{(own|workspace|models|outputs|datasets)\}/g;

/** Throws `McpProblem` for a folder that is none of `places`. */
export function withPlaces(argument: string, places: Readonly<Record<string, string>>): string {
  return argument.replaceAll(WORD, (whole, word: string) => {
    const path = places[word];
    if (path !== undefined) return path;
    throw new McpProblem(`The argument ${JSON.stringify(argument)} names ${whole}, which is not mounted.`, {
      hint: `Add a mount from ${word}, or name the path that the container has it under.`,
    });
  });
}
