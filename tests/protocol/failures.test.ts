import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ErrorCode } from "@roundhouse/protocol/errors";
import { REASON_CODES } from "@roundhouse/protocol/reasons";
import { ERROR_STATUS } from "../../workers/services/error.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/failures.md"), "utf8");
const [reasons = "", answers = ""] = PAGE.split("## Answers of the API");

/** The first cell of each row that is a code, and nothing else; with the second cell. */
function rowsOf(text: string): { code: string; second: string }[] {
  const rows = text.matchAll(/^\| `([a-z_]+)` \| ([^|]*) \|/gm);
  return [...rows].map(([, code = "", second = ""]) => ({ code, second: second.trim() }));
}
const codesOf = (text: string) => rowsOf(text).map(({ code }) => code);

it("the page of failures has every reason an agent gives, once, and no other", () => {
  expect(codesOf(reasons).toSorted()).toEqual([...REASON_CODES].toSorted());
});

it("it has every error code of the API, once, with its status, and no other", () => {
  expect(codesOf(answers).toSorted()).toEqual([...ErrorCode.options].toSorted());
  for (const { code, second } of rowsOf(answers)) {
    expect([code, second]).toEqual([code, String(ERROR_STATUS[code as keyof typeof ERROR_STATUS])]);
  }
});

it("leads to pages that are there", () => {
  for (const [, path = ""] of PAGE.matchAll(/\]\(([^)#]+)/g)) {
    expect(readFileSync(join(import.meta.dirname, "../../docs", path), "utf8")).not.toBe("");
  }
});
