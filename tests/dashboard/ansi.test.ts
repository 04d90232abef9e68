/** The log's parser keeps colours and lets nothing else act. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnsiParser } from "../../dashboard/src/logs/ansi.ts";
import type { Style } from "../../dashboard/src/logs/style.ts";

type Piece = { text: string; style: Style } | "newline" | "return";
const ESC = "\u001b";

function parse(...chunks: string[]): Piece[] {
  const pieces: Piece[] = [];
  const parser = new AnsiParser({
    text: (text, style) => pieces.push({ text, style }),
    newline: () => pieces.push("newline"),
    carriageReturn: () => pieces.push("return"),
  });
  for (const chunk of chunks) parser.push(chunk);
  return pieces;
}

function text(...chunks: string[]): string {
  return parse(...chunks)
    .map((piece) => (typeof piece === "string" ? { newline: "\n", return: "\r" }[piece] : piece.text))
    .join("");
}

function styleOf(input: string): Style {
  const [piece] = parse(`${input}x`);
  if (typeof piece !== "object") throw new Error("no text came out");
  return piece.style;
}

describe("colours", () => {
  it("reads the sixteen colours, the cube, the greys and true colour", () => {
    expect(styleOf(`${ESC}[31m`).foreground).toBe(1);
    expect(styleOf(`${ESC}[97;44m`)).toMatchObject({ foreground: 15, background: 4 });
    expect(styleOf(`${ESC}[38;5;208m`).foreground).toBe("#ff8700");
    expect(styleOf(`${ESC}[48;5;240m`).background).toBe("#585858");
    expect(styleOf(`${ESC}[38;2;1;2;255m`).foreground).toBe("#0102ff");
  });

  it("goes back to plain on reset, also the empty one", () => {
    expect(styleOf(`${ESC}[1;31m${ESC}[0m`)).toEqual(styleOf(""));
    expect(styleOf(`${ESC}[1;31m${ESC}[m`)).toEqual(styleOf(""));
  });

  it("ignores colours that do not exist", () => {
    expect(styleOf(`${ESC}[38;5;999m`).foreground).toBeNull();
    expect(styleOf(`${ESC}[38;2;1;2m`).foreground).toBeNull();
    expect(styleOf(`${ESC}[38;2;300;0;0m`).foreground).toBeNull();
  });
});

describe("what must not act", () => {
  it.each([
    ["a window title ended by BEL", `a${ESC}]0;title\u0007b`],
    ["a window title ended by ST", `a${ESC}]0;title${ESC}\\b`],
    ["a hyperlink", `a${ESC}]8;;https://example.org\u0007b${ESC}]8;;\u0007`],
    ["a clipboard write", `a${ESC}]52;c;aGVsbG8=\u0007b`],
    ["clear and cursor moves", `a${ESC}[2J${ESC}[5;5H${ESC}[1Ab`],
    ["modes", `a${ESC}[?1049h${ESC}[?25lb`],
    ["a device control string", `a${ESC}P1$r0m${ESC}\\b`],
    ["a character set", `a${ESC}(Bb`],
    ["8-bit sequences", "a\u009b31mb"],
    ["bells and backspaces", "a\u0007\u0008b"],
    ["bidirectional overrides", "a\u202e\u2066b"],
  ])("swallows %s", (_, input) => {
    expect(text(input)).toBe("ab");
  });

  it("does not let a string that is never closed hide the next line", () => {
    expect(text(`a${ESC}]0;never closed\nnext`)).toBe("a\nnext");
  });

  it("leaves markup as text", () => {
    expect(text("<script>alert(1)</script>")).toBe("<script>alert(1)</script>");
  });
});

it("expands tabs to columns of eight", () => {
  expect(text("ab\tc\n\td")).toBe("ab      c\n        d");
});

const piece = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    ESC,
    `${ESC}[`,
    `${ESC}]`,
    "31m",
    "38;5;",
    "m",
    "\u0007",
    `${ESC}\\`,
    "\n",
    "\r",
    "\t",
    "\u009b",
    "\u009c",
  ),
);
const input = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

describe("any input", () => {
  it("never throws and never puts out a control character", () => {
    fc.assert(
      fc.property(input, (log) => {
        for (const part of parse(log)) {
          if (typeof part === "object") expect(part.text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("reads the same wherever it is cut", () => {
    fc.assert(
      fc.property(input, fc.array(fc.nat(), { maxLength: 5 }), (log, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (log.length + 1)), log.length].toSorted((a, b) => a - b);
        const chunks = at.slice(1).map((end, index) => log.slice(at[index], end));
        expect(text(...chunks)).toBe(text(log));
      }),
      { numRuns: 300 },
    );
  });
});
