import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relocateBinary, relocateTarget, relocateText } from "../../../worker-agent/src/environments/relocate.ts";

const text = (source: string, from: string, to: string) => relocateText(Buffer.from(source), from, to)?.toString();

describe("the path of an environment in a text", () => {
  it.each([
    ["#!/d/app/env/bin/python\n", "#!/d/copy/env/bin/python\n"],
    ["VIRTUAL_ENV='/d/app/env'", "VIRTUAL_ENV='/d/copy/env'"],
    ["'''exec' /d/app/env/bin/python3 \"$0\"", "'''exec' /d/copy/env/bin/python3 \"$0\""],
    ['{"url": "file:///d/app/lib"}', '{"url": "file:///d/copy/lib"}'],
    ["/d/app:/d/app\n/d/app", "/d/copy:/d/copy\n/d/copy"],
  ])("%s becomes %s", (before, after) => expect(text(before, "/d/app", "/d/copy")).toBe(after));

  it.each(["/d/app-2/env", "/d/app.bak", "/mnt/d/app/env", "/d/apple", "relative/d/app"])(
    "is not %s, which is another",
    (other) => expect(text(other, "/d/app", "/d/copy")).toBeUndefined(),
  );

  it("is replaced once: a second time finds nothing, whatever the names are", () => {
    const path = fc.stringMatching(/^(\/[a-z][a-z0-9-]{0,5}){1,3}$/);
    fc.assert(
      fc.property(
        path,
        path,
        fc.array(fc.constantFrom(" ", "\n", '"', ":", "=", "!"), { minLength: 1 }),
        (from, to, gaps) => {
          fc.pre(!to.startsWith(`${from}/`) && to !== from);
          const once = relocateText(Buffer.from(gaps.map((gap) => gap + from).join("")), from, to);
          expect(once?.toString()).toBe(gaps.map((gap) => gap + to).join(""));
          expect(relocateText(once ?? Buffer.alloc(0), from, to)).toBeUndefined();
        },
      ),
    );
  });
});

describe("the path in a program", () => {
  const program = (string: string, zeros: number) =>
    Buffer.concat([Buffer.from("\x7fELF\0"), Buffer.from(string), Buffer.alloc(zeros), Buffer.from("next\0")]);

  it("takes from the zeros behind it what it is longer, and all else stays where it is", () => {
    const moved = relocateBinary(program("/d/app/env/lib", 20), "/d/app", "/d/a-longer-name");
    expect(moved).toEqual(program("/d/a-longer-name/env/lib", 10));
    expect(relocateBinary(program("/d/app/env/lib", 10), "/d/app", "/d/a")).toEqual(program("/d/a/env/lib", 12));
  });

  it("has no room where there are too few zeros", () => {
    expect(relocateBinary(program("/d/app/env/lib", 5), "/d/app", "/d/a-longer-name")).toBe("no_room");
  });
});

it("a link into the folder leads into the other one, any other stays", () => {
  expect(relocateTarget("/d/app/env/lib", "/d/app", "/d/copy")).toBe("/d/copy/env/lib");
  expect(relocateTarget("/d/app", "/d/app", "/d/copy")).toBe("/d/copy");
  expect(relocateTarget("/d/app-2", "/d/app", "/d/copy")).toBeUndefined();
  expect(relocateTarget("../lib", "/d/app", "/d/copy")).toBeUndefined();
});
