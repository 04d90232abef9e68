/** Connections to the apps of this node: loopback only, kept for the next request, read into memory that is used again. */
import { Agent, type ClientRequestArgs, type IncomingMessage } from "node:http";
import { connect, type LookupFunction, type NetConnectOpts, type Socket } from "node:net";
import { Readable } from "node:stream";
import { ReadBuffers } from "./read-buffers.ts";

/** What is read of large bodies is lent from here; whoever has sent it on gives it back. */
export const appBuffers = new ReadBuffers();

/** An app on "localhost" may listen on either family: both are tried, and no name is ever resolved. */
export const loopbackLookup: LookupFunction = (_hostname, options, callback) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (options.all) callback(null, addresses);
  else callback(null, "127.0.0.1", 4);
};

class AppConnections extends Agent {
  override createConnection(options: ClientRequestArgs): Socket {
    return connectReading(options as NetConnectOpts);
  }
}

/** Idle connections are kept: a page is many requests. */
export const keptConnections = new AppConnections({ keepAlive: true, maxFreeSockets: 32, timeout: 0 });
/** One request each. */
export const freshConnections = new AppConnections({ timeout: 0 });

/** Where the bytes of a connection go that Node's HTTP parser does not get. */
const sinks = new WeakMap<Socket, (bytes: Buffer) => void>();

/**
 * The body of an answer of `length` bytes, past Node's HTTP parser, which would copy every piece of it into new memory.
 * To be called when the head is here, before the event loop turns. The connection ends with the body.
 */
export function readPastParser(response: IncomingMessage, length: number): Readable {
  const { socket } = response;
  let left = length;
  const body = new Readable({
    read: () => void socket.resume(),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const take = (bytes: Buffer): void => {
    const taken = bytes.subarray(0, left);
    left -= taken.length;
    if (!body.push(taken)) socket.pause();
    if (left > 0) return;
    body.push(null);
    socket.destroy();
  };
  sinks.set(socket, take);
  // What came in one read with the head, the parser has.
  response.on("data", take);
  socket.once("close", () => {
    if (left > 0) body.destroy(new Error("the connection was closed"));
  });
  return body;
}

/** Node reads into new memory each time, unless it is told where. */
function connectReading(options: NetConnectOpts): Socket {
  let buffer = appBuffers.take();
  const socket = connect({
    ...options,
    onread: {
      buffer: () => buffer,
      callback: (size) => {
        const sink = sinks.get(socket);
        if (sink) {
          const { bytes, next } = appBuffers.lend(buffer, size);
          buffer = next;
          sink(bytes);
        } else socket.emit("data", Buffer.from(buffer.subarray(0, size)));
        return true;
      },
    },
  });
  socket.once("close", () => appBuffers.release(buffer.buffer));
  return socket;
}
