/** Caps and defaults of the wire. What a `control.welcome` can tune has its default here. */

/** Largest WebSocket message on the link, either kind (SPEC FR1). */
export const MAX_LINK_MESSAGE_BYTES = 1024 * 1024;
/** Largest JSON head (request or response) inside a frame (SPEC FR4). */
export const MAX_HEAD_BYTES = 256 * 1024;
/** Largest reassembled message of an app's WebSocket (SPEC WS2). */
export const MAX_APP_MESSAGE_BYTES = 16 * 1024 * 1024;
/** How much an app's WebSocket may send to its client at once, and then on and on (SPEC WS7). */
export const APP_SOCKET_PACE = { burstBytes: 32 * 1024 * 1024, bytesPerSecond: 16 * 1024 * 1024 } as const;
/** Output of a terminal that its node keeps for whoever comes back (SPEC TM3). */
export const TERMINAL_SCROLLBACK_BYTES = 1024 * 1024;
/** How far the output may run ahead of a client that says what it has shown (SPEC TM6). */
export const TERMINAL_ACK_WINDOW_BYTES = 256 * 1024;
/** Terminals that one instance may have at a time (SPEC TM8). */
export const MAX_TERMINALS_PER_INSTANCE = 8;
/** Response bodies up to this size travel in one REPLY frame (SPEC ST5). */
export const MAX_REPLY_BODY_BYTES = 64 * 1024;
/** Largest blueprint source, in bytes of UTF-8. */
export const MAX_BLUEPRINT_BYTES = 256 * 1024;
/** Most instances one node may hold, so that `control.desired` stays below the message cap. */
export const MAX_INSTANCES_PER_NODE = 400;

/** Environment variables of one instance, and the bytes (UTF-8) of the value of one. */
export const MAX_VARIABLES = 64;
export const MAX_VARIABLE_BYTES = 32 * 1024;
/** Bytes of JSON that the variables of one instance may take, and those of a node, for the sake of `control.desired` too. */
export const MAX_VARIABLES_BYTES = 64 * 1024;
export const MAX_VARIABLES_BYTES_PER_NODE = 256 * 1024;

/** Ports an instance may be given when the person names none (inclusive). */
export const DEFAULT_PORT_POOL = { first: 19001, last: 19020 } as const;
/** Most ports of such a pool. */
export const MAX_PORT_POOL_SIZE = 1000;

/** The heartbeat is plain text, so that the runtime can answer it without waking the object (SPEC HB1). */
export const HEARTBEAT_PING = "ping";
export const HEARTBEAT_PONG = "pong";

/** What `control.welcome` carries unless a deployment tunes it. */
export const DEFAULT_TUNING = {
  heartbeatIntervalMs: 4_000,
  heartbeatTimeoutMs: 10_000,
  initialWindowBytes: 64 * 1024,
  maxWindowBytes: 1024 * 1024,
  windowPoolBytes: 32 * 1024 * 1024,
  dataFrameBytes: 256 * 1024,
  helloTimeoutMs: 10_000,
} as const;
