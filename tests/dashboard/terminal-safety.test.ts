/** What output does to a person's emulator: the real one, without a page. */
import { Terminal } from "@xterm/xterm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freeName } from "../../dashboard/src/terminal/names.ts";
import { makeSafe, pastable } from "../../dashboard/src/terminal/safety.ts";

function emulator() {
  const terminal = new Terminal({ allowProposedApi: true, logLevel: "off" });
  const { isAnswering } = makeSafe(terminal);
  const seen = { answers: [] as string[], typed: [] as string[], titles: [] as string[] };
  terminal.onData((data) => (isAnswering() ? seen.answers : seen.typed).push(data));
  terminal.onTitleChange((title) => seen.titles.push(title));
  const show = (text: string) => new Promise<void>((done) => terminal.write(text, done));
  return { terminal, seen, show };
}

const ESC = "\u001b";
const QUESTIONS = [
  ...[
    "[c",
    "[0c",
    "[>c",
    "[5n",
    "[6n",
    "[?6n",
    "[?996n",
    "[4$p",
    "[?2004$p",
    "[?1$p",
    "[18t",
    "[14t",
    "[21t",
    "[?1004h",
  ],
  ...["]10;?\u0007", "]11;?\u0007", "]12;?\u0007", "]4;1;?\u0007", `P$qm${ESC}\\`, `P$qr${ESC}\\`, `P$q"p${ESC}\\`],
  ...[
    "]52;c;?\u0007",
    "]0;t\u0007",
    "]2;t\u0007",
    "]8;;http://x\u0007l",
    "[>q",
    "[=c",
    "Z",
    "[?u",
    "]7;file:///\u0007",
  ],
];

describe("[TM7] an emulator", () => {
  it("answers what a program asks, and knows that it is an answer", async () => {
    const { seen, show } = emulator();
    for (const question of QUESTIONS) await show(ESC + question);
    expect(seen.answers.length).toBeGreaterThan(8);
    expect(seen.typed).toEqual([]);
    expect(seen.titles).toEqual([]);
  });

  it("takes nothing that is printed for typing, whatever it is, and never changes a title", async () => {
    const { seen, show } = emulator();
    const piece = fc.oneof(
      fc.constantFrom(...QUESTIONS.map((question) => ESC + question)),
      fc
        .tuple(fc.constantFrom("[", "[?", "[>", "[=", "[!", "]", "P", "P$q", "_", "^"), fc.string({ maxLength: 12 }))
        .map(([start, rest]) => ESC + start + rest),
      fc.string({ unit: fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        await show(pieces.join(""));
        expect(seen.typed).toEqual([]);
        expect(seen.titles).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("knows typing from an answer, also right after one", async () => {
    const { terminal, seen, show } = emulator();
    await show(`${ESC}[c`);
    terminal.input("ls\r");
    expect(seen.typed).toEqual(["ls\r"]);
  });

  it("shows no link that says otherwise than it leads", async () => {
    const { terminal, show } = emulator();
    await show(`${ESC}]8;;javascript:alert(1)\u0007my bank${ESC}]8;;\u0007`);
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("my bank");
  });
});

describe("a paste", () => {
  it("keeps its text and lines, and loses what could end its brackets or press keys", () => {
    expect(pastable(`ls\r\n\techo é${ESC}[201~rm\u0003\u009b\u0000`)).toBe("ls\r\n\techo é[201~rm");
  });
});

describe("a terminal's name", () => {
  it("is the next one that is free", () => {
    expect([freeName([]), freeName(["main", "terminal 2"])]).toEqual(["terminal 2", "terminal 3"]);
  });
});
