/** A way to one MCP server that is no HTTP: JSON-RPC messages, one by one, in both directions. */

/** As it came, parsed: nothing of it is checked but that it is an object. */
export type Message = Readonly<Record<string, unknown>>;

export type Channel = {
  /** Messages to a server that is gone are dropped: {@link Channel.over} has said so. */
  send: (message: Message) => void;
  /** Takes the server's messages, in their order. What came before is kept for the first taker. */
  listen: (take: (message: Message) => void) => void;
  /** Settles when nothing will come any more, with why, in words for people. Never rejects. */
  over: Promise<string>;
  /** Ends the server, and answers when it is gone. */
  close: () => Promise<void>;
};

/** Why a server cannot be used; the message is for people. */
export class McpProblem extends Error {
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}
