/** What a program that prints may not do to the person who reads, and how an emulator's answers are told from typing. */
import type { IFunctionIdentifier, Terminal } from "@xterm/xterm";

/** Window titles (0, 1, 2), hyperlinks whose text may lie (8), and the clipboard (52): swallowed, whoever sends them. */
const SWALLOWED_OSC = [0, 1, 2, 8, 52];

/** What makes the emulator answer by itself: device attributes and status, modes, colours, settings, focus. */
const ASKING_OSC = [4, 10, 11, 12];
const ASKING_CSI: IFunctionIdentifier[] = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { final: "t" },
  { prefix: "?", final: "h" },
];
const ASKING_DCS: IFunctionIdentifier = { intermediates: "$", final: "q" };

/** Control characters that a paste could end its brackets with, or press keys. */
// oxlint-disable-next-line no-control-regex
const UNPASTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Answers whether what the emulator says at this moment is its own answer. */
export function makeSafe(terminal: Terminal): { isAnswering: () => boolean } {
  let isAnswering = false;
  const asked = (): boolean => {
    isAnswering = true;
    // It answers while it reads the question. Nobody can type before it is done with that.
    queueMicrotask(() => (isAnswering = false));
    return false;
  };
  const { parser } = terminal;
  for (const number of SWALLOWED_OSC) parser.registerOscHandler(number, () => true);
  for (const number of ASKING_OSC) parser.registerOscHandler(number, asked);
  for (const id of ASKING_CSI) parser.registerCsiHandler(id, asked);
  parser.registerDcsHandler(ASKING_DCS, asked);
  return { isAnswering: () => isAnswering };
}

/** What of a clipboard's text is pasted. */
export function pastable(text: string): string {
  return text.replaceAll(UNPASTABLE, "");
}
