/** The example call of a webhook, run by a real shell against a real server: what it sends is signed. */
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { curlExample } from "../../dashboard/src/jobs/curl.ts";
import { newSigningKey } from "../../dashboard/src/secrets/signing-key.ts";

type Call = { headers: IncomingHttpHeaders; body: string };

const calls: Call[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += String(part);
  calls.push({ headers: request.headers, body });
  response.end();
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What the specification asks for: HMAC-SHA256 of `id.timestamp.body`, under the key's bytes. */
function signatureOf({ headers, body }: Call, key: string): string {
  const bytes = Buffer.from(key.replace("whsec_", ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  return `v1,${createHmac("sha256", bytes).update(signed).digest("base64")}`;
}

it("sends its body signed as Standard Webhooks say, with a key made in the browser", async () => {
  const key = newSigningKey();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhook/deploy`;
  await promisify(execFile)("sh", ["-c", curlExample(url, "DEPLOY_HOOK").replace("whsec_…", key)]);
  const [call] = calls;
  expect(JSON.parse(call!.body)).toEqual({ app: "hello" });
  expect(call!.headers["webhook-id"]).toMatch(/^msg_[0-9a-f]{24}$/);
  expect(call!.headers["webhook-signature"]).toBe(signatureOf(call!, key));
  expect(call!.headers["webhook-signature"]).not.toBe(signatureOf(call!, newSigningKey()));
});
