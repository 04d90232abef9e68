#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Hello
# aikore.description = A tiny page that shows the request as an app sees it, and a WebSocket that echoes. Needs no network.
# aikore.category = Examples
# aikore.venv_type = python
# aikore.venv_path = ./env
### AIKORE-METADATA-END ###
set -euo pipefail

server="$INSTANCE_CONF_DIR/server.mjs"
cat > "$server" <<'END_OF_SERVER'
// A page that shows what reaches it. Node's own modules only; listens on the loopback interface only.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { hostname } from "node:os";

const HOST = "127.0.0.1";
const PORT = Number(process.env.WEBUI_PORT);
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const MAX_BYTES = 4 * 1024 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, "roundhouse ");

/* ---- WebSocket (RFC 6455), server side: echoes what it gets ---- */

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

function acceptWebSocket(request, socket, head) {
  const key = request.headers["sec-websocket-key"];
  const isWebSocket = (request.headers.upgrade ?? "").toLowerCase() === "websocket";
  if (!isWebSocket || !key || request.headers["sec-websocket-version"] !== "13") {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  const protocol = request.headers["sec-websocket-protocol"]?.split(",")[0].trim();
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ""}\r\n`,
  );
  socket.setNoDelay(true);
  echo(socket, head);
}

function echo(socket, head) {
  let pending = Buffer.alloc(0);
  let parts = [];
  let partsBytes = 0;
  let messageType = 0;
  let isClosing = false;

  const send = (opcode, payload) => socket.write(encodeFrame(opcode, payload)) || pauseUntilDrained(socket);
  const close = (code, reason = "") => {
    if (isClosing) return;
    isClosing = true;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    send(CLOSE, payload);
    socket.end();
  };

  const handleData = ({ opcode, isFinal, payload }) => {
    const isContinued = opcode === CONTINUATION;
    if (isContinued !== messageType > 0) return close(1002, "fragments out of order");
    if (!isContinued) messageType = opcode;
    parts.push(payload);
    partsBytes += payload.length;
    if (partsBytes > MAX_MESSAGE_BYTES) return close(1009, "message too big");
    if (!isFinal) return;
    const message = Buffer.concat(parts);
    const type = messageType;
    parts = [];
    partsBytes = messageType = 0;
    if (type === TEXT && !isUtf8(message)) return close(1007, "not UTF-8");
    send(type, message);
  };

  const handleFrame = (frame) => {
    if (frame.opcode === CONTINUATION || frame.opcode === TEXT || frame.opcode === BINARY) return handleData(frame);
    if (!frame.isFinal || frame.payload.length > 125) return close(1002, "bad control frame");
    if (frame.opcode === PING) return send(PONG, frame.payload);
    if (frame.opcode === PONG) return;
    if (frame.opcode !== CLOSE) return close(1002, "unknown opcode");
    if (frame.payload.length === 1) return close(1002, "bad close frame");
    close(frame.payload.length === 0 ? 1000 : closeCode(frame.payload));
  };

  const receive = (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (!isClosing) {
      const frame = decodeFrame(pending);
      if (!frame) return;
      if (frame.error) return close(frame.error.code, frame.error.reason);
      pending = pending.subarray(frame.length);
      handleFrame(frame);
    }
  };

  socket.on("data", receive);
  socket.on("end", () => socket.end());
  socket.on("error", () => socket.destroy());
  if (head.length > 0) receive(head);
}

/** undefined: more bytes are needed. */
function decodeFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const isFinal = (bytes[0] & 0x80) !== 0;
  if ((bytes[0] & 0x70) !== 0) return { error: { code: 1002, reason: "reserved bits" } };
  if ((bytes[1] & 0x80) === 0) return { error: { code: 1002, reason: "a client must mask" } };
  let size = bytes[1] & 0x7f;
  let at = 2;
  if (size === 126) {
    if (bytes.length < 4) return undefined;
    size = bytes.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return undefined;
    size = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (size > MAX_MESSAGE_BYTES) return { error: { code: 1009, reason: "message too big" } };
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
  for (let i = 0; i < size; i++) payload[i] ^= mask[i & 3];
  return { opcode: bytes[0] & 0x0f, isFinal, payload, length: at + 4 + size };
}

function encodeFrame(opcode, payload) {
  const size = payload.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = size < 126 ? size : size < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, payload]);
}

function closeCode(payload) {
  const code = payload.readUInt16BE(0);
  const isAllowed = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
  return isAllowed ? code : 1002;
}

function isUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Who reads slower than it writes must not fill the memory. */
function pauseUntilDrained(socket) {
  socket.pause();
  socket.once("drain", () => socket.resume());
}

/* ---- HTTP ---- */

const routes = {
  "/echo": (request, response) => {
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "application/octet-stream" });
    request.pipe(response);
  },
  "/events": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    let count = 0;
    const tick = () => response.write(`event: tick\nid: ${count}\ndata: {"count":${count++},"at":"${new Date().toISOString()}"}\n\n`);
    tick();
    const timer = setInterval(tick, 1000);
    response.on("close", () => clearInterval(timer));
  },
  "/bytes": async (request, response, url) => {
    let left = numberOf(url, "n", 1024, MAX_BYTES);
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": left, "cache-control": "no-store" });
    while (left > 0 && !response.destroyed) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!response.write(CHUNK.subarray(0, size))) await drained(response);
    }
    response.end();
  },
  "/slow": (request, response, url) => {
    const ms = numberOf(url, "ms", 1000, 3_600_000);
    const timer = setTimeout(() => sendJson(response, 200, { waitedMs: ms }), ms);
    response.on("close", () => clearTimeout(timer));
  },
  "/request": (request, response) => sendJson(response, 200, describe(request)),
  "/": (request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
    response.end(page(describe(request)));
  },
};

function handle(request, response) {
  const url = new URL(request.url, "http://localhost");
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (route) return route(request, response, url);
  const status = Number(/^\/status\/([2-5]\d\d)$/.exec(url.pathname)?.[1] ?? 404);
  if (status === 204 || status === 304) return response.writeHead(status).end();
  sendJson(response, status, { status, path: url.pathname });
}

/** Until more can be written, or nobody is there to read it. */
function drained(response) {
  return new Promise((go) => {
    const done = () => go(response.off("drain", done).off("close", done));
    response.on("drain", done).on("close", done);
  });
}

function describe(request) {
  return {
    method: request.method,
    path: request.url,
    host: request.headers.host ?? "",
    remoteAddress: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
    httpVersion: request.httpVersion,
    headers: pairs(request.rawHeaders),
    machine: hostname(),
    gpus: process.env.CUDA_VISIBLE_DEVICES ?? "all",
    node: process.versions.node,
    user: process.getuid?.(),
    time: new Date().toISOString(),
    upSeconds: Math.round(process.uptime()),
  };
}

function pairs(list) {
  return Array.from({ length: list.length / 2 }, (_, i) => [list[i * 2], list[i * 2 + 1]]);
}

function numberOf(url, name, fallback, max) {
  const value = Number(url.searchParams.get(name) ?? fallback);
  return Number.isFinite(value) ? Math.min(max, Math.max(0, Math.floor(value))) : fallback;
}

function sendJson(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(value, null, 2)}\n`);
}

/* ---- the page ---- */

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const words = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const row = ([name, value]) => `<div class="row"><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;

const page = ({ headers, ...facts }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Hello from ${escapeHtml(facts.machine)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Ccircle cx='12' cy='12' r='10' fill='%23d97706'/%3E%3C/svg%3E">
<style>
  :root { --bg: #f6f5f2; --card: #fff; --ink: #1d1c1a; --soft: #6b6861; --line: #e3e0d8; --accent: #b45309; --good: #15803d; --bad: #b91c1c; }
  @media (prefers-color-scheme: dark) {
    :root { --bg: #141416; --card: #1d1d20; --ink: #ecebe7; --soft: #9a978f; --line: #303034; --accent: #f5a524; --good: #4ade80; --bad: #f87171; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
  main { max-width: 860px; margin: 0 auto; padding: clamp(16px, 4vw, 40px); display: grid; gap: 16px; }
  h1 { font-size: clamp(26px, 6vw, 38px); line-height: 1.15; margin: 0; letter-spacing: -0.02em; }
  h2 { font-size: 12px; text-transform: uppercase; letter-spacing: 0.08em; color: var(--soft); margin: 0 0 10px; font-weight: 600; }
  p { margin: 6px 0 0; color: var(--soft); }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
  dl { margin: 0; display: grid; }
  .row { display: grid; grid-template-columns: minmax(90px, 30%) 1fr; gap: 12px; padding: 5px 0; border-top: 1px solid var(--line); }
  .row:first-child { border-top: 0; }
  dt { color: var(--soft); overflow-wrap: anywhere; }
  dd, output, li, input { font-family: ui-monospace, monospace; font-size: 13px; }
  dd { margin: 0; overflow-wrap: anywhere; }
  form { display: flex; gap: 8px; }
  input { flex: 1; min-width: 0; padding: 9px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg); color: inherit; }
  button { padding: 9px 16px; border: 0; border-radius: 8px; background: var(--accent); color: var(--card); font: inherit; font-weight: 600; cursor: pointer; }
  button:disabled { opacity: 0.5; cursor: default; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .state { float: right; text-transform: none; letter-spacing: 0; }
  .state::before { content: "●"; margin-right: 6px; color: var(--bad); }
  .state[data-open]::before { color: var(--good); }
  ul { list-style: none; margin: 12px 0 0; padding: 0; max-height: 220px; overflow: auto; display: grid; gap: 4px; }
  li { overflow-wrap: anywhere; }
  li span { color: var(--soft); }
  a { color: var(--accent); }
</style>
</head>
<body>
<main>
  <header>
    <h1>Hello from ${escapeHtml(facts.machine)}</h1>
    <p>This page runs on a node of your pool. Below is what reached it, as the app sees it.</p>
  </header>
  <section aria-labelledby="ws">
    <h2 id="ws">WebSocket echo <span class="state" role="status">connecting</span></h2>
    <form><input aria-label="Message" placeholder="Type something" autocomplete="off"><button disabled>Send</button></form>
    <ul aria-live="polite"></ul>
  </section>
  <section><h2>Request</h2><dl>${Object.entries(facts).map(([name, value]) => row([words(name), value])).join("")}</dl></section>
  <section><h2>Headers</h2><dl>${headers.map(row).join("")}</dl></section>
  <section>
    <h2>More to try</h2>
    <p><a href="request">/request</a> as JSON · <a href="events">/events</a> ticks each second · <a href="bytes?n=1048576">/bytes?n=1048576</a> ·
    <a href="slow?ms=2000">/slow?ms=2000</a> · <a href="status/418">/status/418</a> · POST /echo streams a body back</p>
  </section>
</main>
<script>
  const [state, form, list] = ["[role=status]", "form", "ul"].map((one) => document.querySelector(one));
  const [input, button] = form.elements;
  let socket;
  function connect() {
    socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/[?#].*$/, ""));
    socket.onopen = () => show("open");
    socket.onmessage = (event) => {
      const item = document.createElement("li");
      const took = document.createElement("span");
      took.textContent = "  " + (performance.now() - sentAt).toFixed(1) + " ms";
      item.append(event.data, took);
      list.prepend(item);
    };
    socket.onclose = () => { show("closed, trying again"); setTimeout(connect, 1500); };
  }
  let sentAt = 0;
  function show(text) {
    state.textContent = text;
    button.disabled = text !== "open";
    state.toggleAttribute("data-open", text === "open");
  }
  form.onsubmit = (event) => {
    event.preventDefault();
    if (socket.readyState !== 1 || !input.value) return;
    sentAt = performance.now();
    socket.send(input.value);
    input.value = "";
  };
  connect();
</script>
</body>
</html>
`;

const server = createServer(handle);
server.requestTimeout = 0; // A streamed upload may take as long as it likes.
const sockets = new Set();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
server.on("upgrade", acceptWebSocket);
server.listen(PORT, HOST, () => console.log(`Listening on http://${HOST}:${PORT}`));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    console.log(`${signal}: goodbye`);
    server.close(() => process.exit(0));
    for (const socket of sockets) socket.destroy();
  });
}
END_OF_SERVER

exec node "$server"
