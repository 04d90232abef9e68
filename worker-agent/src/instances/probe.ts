/** Looking at a running app from outside: does it answer, and which ports are its own. */
import { get } from "node:http";
import type { listeningPortsOf } from "../host/ports.ts";

const ANSWER_LIMIT_MS = 2_000;
const FIRST_FAILURE_STATUS = 500;

export type OwnPort = Awaited<ReturnType<typeof listeningPortsOf>>[number];

/** Whether `GET /` is answered below 500 within 2 s. */
export function answersHttp(port: number): Promise<boolean> {
  return new Promise((done) => {
    const request = get({ host: "127.0.0.1", port, path: "/", agent: false }, (response) => {
      response.destroy();
      finish((response.statusCode ?? FIRST_FAILURE_STATUS) < FIRST_FAILURE_STATUS);
    });
    const timer = setTimeout(() => finish(false), ANSWER_LIMIT_MS);
    function finish(answer: boolean): void {
      clearTimeout(timer);
      request.destroy();
      done(answer);
    }
    // Refused, reset, not HTTP: it does not answer yet.
    request.on("error", () => finish(false));
  });
}
