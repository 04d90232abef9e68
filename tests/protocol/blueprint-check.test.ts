import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseBashMetadata } from "@roundhouse/protocol/blueprint";
import { checkBlueprint, describeProblem } from "@roundhouse/protocol/blueprint-check";

const CATALOGUE = join(import.meta.dirname, "../../blueprints");
const START = "### AIKORE-METADATA-START ###";
const END = "### AIKORE-METADATA-END ###";

const problemsOf = (source: string) =>
  checkBlueprint("bash", source).map((problem) => `${problem.severity}: ${describeProblem(problem)}`);
/** The block begins on line 1, so the first of `lines` is line 2. */
const withHeader = (...lines: string[]) => `${[START, ...lines, END].join("\n")}\necho hi\n`;

describe("checking a blueprint", () => {
  const shipped = readdirSync(CATALOGUE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(shipped.map(({ name }) => name))("finds nothing in the shipped %s", (name) => {
    expect(problemsOf(readFileSync(join(CATALOGUE, name, "blueprint.sh"), "utf8"))).toEqual([]);
  });

  const header = `${START}\n# aikore.name = App\n# aikore.category = Training\n# aikore.venv_type = conda\n# aikore.venv_path = ./env\n${END}\n`;
  it.each([
    ["the block before the shebang", `${header}#!/bin/bash\nset -e\npython main.py\nsleep infinity\n`],
    ["a junk first line", `--- App.sh ---\n#!/bin/bash\n\n${header}\nset -e\neval $CMD\nsleep infinity\n`],
    ["no set -e, and markers within a comment", `#!/bin/bash\n# ${header}python main.py\nsleep infinity`],
    ["its persistent mode", withHeader("# aikore.name = Studio", "# aikore.persistent_mode = true")],
    ["comments of its own", withHeader("# aikore.name = x", "#", "# Written by hand.", "# see.also = nothing")],
  ])("finds nothing in AiKore's format: %s", (_title, source) => {
    expect(problemsOf(source)).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    ["nothing", "", ["error: the script is empty, so there is nothing to run", "error: it has no metadata block"]],
    ["no block", "echo hi\n", ["error: it has no metadata block"]],
    [
      "a block without end",
      `#!/bin/bash\n${START}\n# aikore.name = x\n`,
      [
        "warning: it has comments only, so it ends at once",
        `error: line 2: the block begins here and has no end: a line ${END} is missing`,
      ],
    ],
    ["an end alone", `echo\n${END}\n`, [`error: line 2: the block ends here, but no line before says ${START}`]],
    [
      "a slip in a key",
      withHeader("# aikore.name = x", "# roundhouse.need_disk = 5GiB"),
      ["error: line 3, need_disk: there is no such key; did you mean roundhouse.needs_disk?"],
    ],
    [
      "a key of ours that is none",
      withHeader("# roundhouse.colour = x"),
      ["error: line 2, colour: there is no such key"],
    ],
    [
      "a key that AiKore may have",
      withHeader("# aikore.catgory = x"),
      ["warning: line 2, catgory: there is no such key; did you mean aikore.category?"],
    ],
    [
      "a slip in the prefix",
      withHeader("# akore.name = x"),
      ['warning: line 2, name: "akore" is not read; did you mean aikore.name?'],
    ],
    [
      "sizes and words",
      withHeader("# aikore.needs_disk = lots", "# aikore.needs_gpu = rtx"),
      [
        'error: line 2, needs_disk: "lots" is not a size such as 20GiB',
        'error: line 3, needs_gpu: "rtx" is not one of any, nvidia, amd, intel',
      ],
    ],
    [
      "a key twice",
      withHeader("# aikore.name = x", "# aikore.category = y", "# roundhouse.name = z"),
      ["error: line 4, name: it is said already on line 2"],
    ],
    [
      "a kind of environment",
      withHeader("# aikore.venv_type = poetry"),
      [expect.stringMatching(/line 2, venv_type: "poetry" is not one of/)],
    ],
    [
      "an entry without a value",
      withHeader("# aikore.name", "# aikore.category ="),
      [
        "error: line 2, name: it is not of the form # aikore.<key> = <value>",
        "warning: line 3, category: it has no value",
      ],
    ],
    [
      "a command in the block",
      withHeader("set -e"),
      ["warning: line 2: this line of the metadata block is no comment: it runs as a command"],
    ],
    ["NUL bytes", withHeader() + "a\0b", ["error: line 4: it has a NUL byte: a script is text"]],
    [
      "Windows",
      `\uFEFF${withHeader()}`.replaceAll("\n", "\r\n"),
      [
        "warning: line 1: it begins with a byte order mark, which is left out when it runs",
        "warning: line 1: its lines end as on Windows (CRLF); it runs with LF",
      ],
    ],
    ["a second block", withHeader() + withHeader(), ["warning: line 4: this second metadata block is not read"]],
    [
      "too much",
      withHeader() + "#".repeat(256 * 1024),
      [expect.stringMatching(/^error: \d+ bytes are more than 262144$/)],
    ],
  ])("names %s", (_title, source, problems) => {
    expect(problemsOf(source)).toEqual(problems);
  });

  it.each(["../env", "/config/env", "./a/../../env", "~/env", "$HOME/env", "."])(
    "refuses %s as a place for an environment",
    (path) => {
      expect(problemsOf(withHeader(`# aikore.venv_path = ${path}`))).toEqual([
        expect.stringContaining(`error: line 2, venv_path: ${JSON.stringify(path)} does not lie below`),
      ]);
    },
  );

  it.each(["env", "./venv", "app/.venv", "./a/../env"])("takes %s as one", (path) => {
    expect(problemsOf(withHeader(`# aikore.venv_path = ${path}`))).toEqual([]);
  });

  it("never fails, and what it finds no error in has metadata", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        START,
        END,
        "# aikore.name = x",
        "# roundhouse.needs_disk = 5GiB",
        "# aikore.",
        "\r\n",
        "\n",
        "#!/bin/bash",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const source = pieces.join("\n");
        const errors = checkBlueprint("bash", source).filter((one) => one.severity === "error");
        const count = source.split(/\r?\n/).length;
        for (const { line } of errors) expect(line ?? 1).toBeLessThanOrEqual(count);
        if (errors.length === 0) expect(parseBashMetadata(source)).toBeDefined();
      }),
    );
  });
});
