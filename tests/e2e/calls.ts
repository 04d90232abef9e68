/** Calls to the workload app (fixtures/workload.mjs), each of which ends for certain: with its answer, or told that it broke. */
import { createHash } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as startRequest } from "node:http";
import WebSocket from "ws";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { House } from "./house.ts";

/** `broken` is an answer too: a status above 499, or a connection that was closed. */
export type Ended = { what: string; how: "whole" | "broken"; detail: string };

/** Longer than any bound of the protocol on finding a loss. */
const SILENCE_LIMIT_MS = 30_000;
const ECHO_BYTES = 2_000;

export type Way = { port: number; host: string; cookie: string };

export async function wayTo(house: House, instance: Instance): Promise<Way> {
  return { port: house.port, host: new URL(instance.url).host, cookie: await house.api.grantFor(instance.id) };
}

/** Downloads `size` bytes of known content. Throws when one is wrong, or when nothing ends the call. */
export function download(way: Way, size: number): Promise<Ended> {
  return definite("download", (end, fail) => {
    const request = start(way, "GET", `/bytes?n=${size}`, (response) => {
      let at = 0;
      response.on("data", (chunk: Buffer) => {
        const wrong = response.statusCode === 200 ? chunk.findIndex((byte, index) => byte !== byteAt(at + index)) : -1;
        if (wrong >= 0) fail(`byte ${at + wrong} is wrong`);
        at += chunk.length;
      });
      response.on("error", (error) => end("broken", error.message));
      response.on("end", () => {
        if (response.statusCode !== 200) return judge(response.statusCode, end, fail);
        if (at === size) end("whole", "");
        else fail(`it ended well with ${at} of ${size} bytes`);
      });
    });
    request.on("error", (error) => end("broken", error.message));
    request.end();
    return () => request.destroy();
  });
}

/** Uploads bytes and compares the hash that the app made of them. */
export function upload(way: Way, body: Buffer): Promise<Ended> {
  return definite("upload", (end, fail) => {
    const request = start(way, "POST", "/hash", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("error", (error) => end("broken", error.message));
      response.on("end", () => {
        if (response.statusCode !== 200) return judge(response.statusCode, end, fail);
        if (text === createHash("sha256").update(body).digest("hex")) end("whole", "");
        else fail(`the app got something else: ${text}`);
      });
    });
    request.on("error", (error) => end("broken", error.message));
    request.end(body);
    return () => request.destroy();
  });
}

/** Sends messages one after the other and waits for the echo of each. */
export function echo(way: Way, count: number): Promise<Ended> {
  return definite("echo", (end, fail) => {
    const headers = { Host: way.host, Cookie: way.cookie, Origin: `http://${way.host}` };
    const socket = new WebSocket(`ws://127.0.0.1:${way.port}/`, { headers });
    let echoed = 0;
    const send = (): void => socket.send(`${echoed} `.padEnd(ECHO_BYTES, "x"));
    socket.on("open", send);
    socket.on("message", (data) => {
      if ((data as Buffer).toString() !== `${echoed} `.padEnd(ECHO_BYTES, "x")) return fail(`echo ${echoed} is wrong`);
      echoed += 1;
      if (echoed < count) return send();
      end("whole", "");
      socket.close();
    });
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      judge(response.statusCode, end, fail);
    });
    socket.on("close", (code) => end("broken", `closed with ${code}`));
    socket.on("error", (error) => end("broken", error.message));
    return () => socket.terminate();
  });
}

/** A status that says that the node cannot be reached is an answer; any other is a fault of ours. */
function judge(status: number | undefined, end: (how: "broken", detail: string) => void, fail: (why: string) => void) {
  if (status === 502 || status === 503) end("broken", `status ${status}`);
  else fail(`status ${status}`);
}

function start(way: Way, method: string, path: string, onResponse: (response: IncomingMessage) => void): ClientRequest {
  const headers = { Host: way.host, Cookie: way.cookie };
  return startRequest({ host: "127.0.0.1", port: way.port, method, path, headers, agent: false }, onResponse);
}

function definite(
  what: string,
  run: (end: (how: Ended["how"], detail: string) => void, fail: (why: string) => void) => () => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`${what}: no answer and no end within ${SILENCE_LIMIT_MS} ms`));
      stop();
    }, SILENCE_LIMIT_MS);
    const stop = run(
      (how, detail) => (clearTimeout(limit), resolve({ what, how, detail })),
      (why) => (clearTimeout(limit), reject(new Error(`${what}: ${why}`))),
    );
  });
}

function byteAt(at: number): number {
  return (at ^ (at >>> 8) ^ (at >>> 16)) & 0xff;
}
