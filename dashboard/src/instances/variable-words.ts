/** What changes in the variables of an instance, as a person reads it. Of a secret only the name is known. */
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { plural } from "../parts/format.ts";
import { isSame } from "./edits.ts";

const SHOWN_CHARACTERS = 40;

type VariableChange = { name: string; before: string; after: string };

/** In the order of the new list, and then those that are gone. */
export function variableChanges(
  before: readonly EnvironmentVariable[],
  after: readonly EnvironmentVariable[],
): VariableChange[] {
  const left = new Map(before.map((variable) => [variable.name, variable]));
  const changes: VariableChange[] = [];
  for (const variable of after) {
    const known = left.get(variable.name);
    left.delete(variable.name);
    if (!isSame(known, variable)) changes.push(changeFrom(known, variable, variable.name));
  }
  for (const variable of left.values()) changes.push(changeFrom(variable, undefined, variable.name));
  return changes;
}

type Maybe = EnvironmentVariable | undefined;

function changeFrom(before: Maybe, after: Maybe, name: string): VariableChange {
  return { name: name === "" ? "(no name)" : name, before: contentWords(before), after: contentWords(after) };
}

function contentWords(variable: Maybe): string {
  if (variable === undefined) return "not set";
  const { value, secret } = variable;
  if (secret !== undefined) return `secret ${secret}`;
  if (value === undefined) return "no secret yet";
  return value === "" ? "empty" : shortened(value);
}

/** Whole, or its beginning and how long it is, in one line. */
function shortened(value: string): string {
  const characters = Array.from(value);
  const beginning = characters.slice(0, SHOWN_CHARACTERS).join("").replaceAll(/\s+/g, " ");
  return characters.length > SHOWN_CHARACTERS ? `${beginning}… (${plural(characters.length, "character")})` : beginning;
}
