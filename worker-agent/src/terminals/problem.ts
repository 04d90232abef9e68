/** Why there is no terminal, in words for the person who wants one. */

export class TerminalProblem extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = "TerminalProblem";
    this.code = code;
    this.hint = hint;
  }
}
