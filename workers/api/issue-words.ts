/** What zod finds wrong, in the words of the API where a schema has none of its own: `must …`, without the value. */
import type * as z from "zod";

type RawIssue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};
const FORMATS: Readonly<Record<string, string>> = {
  url: "a URL, such as https://example.com/",
  email: "an e-mail address, such as ada@example.com",
  datetime: "a time in UTC, such as 2030-01-31T08:00:00Z",
};
const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item", set: "item" };

/** For `z.config`. undefined: zod's own words do. */
export function issueWords(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return mustBe(TYPES[issue.expected]);
    case "invalid_format":
      return mustBe(FORMATS[issue.format]);
    case "invalid_value":
      return mustBe(listed(issue.values));
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return `must not have ${listed(issue.keys)}`;
    case "invalid_key": {
      const [inner] = issue.issues;
      return inner && `the name in it ${inner.message}`;
    }
    case "invalid_union":
      return unionWords(issue);
    case "invalid_element":
    case "custom":
    default:
      return undefined;
  }
}

function mustBe(what: string | undefined): string | undefined {
  return what === undefined ? undefined : `must be ${what}`;
}

function tooSmall({ origin, minimum, inclusive }: Extract<RawIssue, { code: "too_small" }>): string {
  const unit = UNITS[origin];
  if (unit === undefined) return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`;
  if (origin === "string" && Number(minimum) === 1) return "must not be empty";
  return `must have at least ${counted(minimum, unit)}`;
}

function tooBig({ origin, maximum, inclusive }: Extract<RawIssue, { code: "too_big" }>): string {
  const unit = UNITS[origin];
  if (unit !== undefined) return `must have at most ${counted(maximum, unit)}`;
  return inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`;
}

/** What each of its parts wants, or, of parts told apart by a word, which words there are. */
function unionWords(issue: Extract<RawIssue, { code: "invalid_union" }>): string | undefined {
  if ("options" in issue && Array.isArray(issue.options)) return mustBe(listed(issue.options));
  const wishes = new Set(issue.errors.flatMap(([first]) => (first?.path.length === 0 ? [first.message] : [])));
  return wishes.size === 0 ? undefined : [...wishes].join(", or ");
}

/** `"allow", "ask" or "deny"`. */
function listed(values: readonly unknown[]): string {
  const texts = values.map((value) => (typeof value === "string" ? JSON.stringify(value) : String(value)));
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

function counted(count: number | bigint, unit: string): string {
  return `${count.toLocaleString("en-US")} ${unit}${Number(count) === 1 ? "" : "s"}`;
}
