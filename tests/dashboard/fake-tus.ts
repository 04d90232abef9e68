/** What a browser has (fetch, XMLHttpRequest, localStorage) over a tus server in memory that fails on demand. */
import { vi } from "vitest";
import { encodeUploadPath } from "@roundhouse/protocol/tus";

type Upload = { length: number; bytes: Uint8Array; metadata: string };
type Answer = { status: number; headers?: Record<string, string>; body?: string };
/** How the next request goes wrong: by an answer, or a body that breaks off after so many bytes. */
export type Fault = Answer | { cutAfter: number };

export class FakeTus {
  readonly uploads = new Map<string, Upload>();
  readonly requests: string[] = [];
  readonly sizes: number[] = [];
  readonly stored = new Map<string, string>();
  faults: (Fault | undefined)[] = [];

  constructor() {
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.#fetch(url, init));
    vi.stubGlobal("XMLHttpRequest", fakeXhr(this));
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => this.stored.get(key) ?? null,
      setItem: (key: string, value: string) => void this.stored.set(key, value),
      removeItem: (key: string) => void this.stored.delete(key),
    });
  }

  async answer(method: string, url: string, headers: Headers, body: Uint8Array): Promise<Answer | undefined> {
    this.requests.push(`${method} ${url}`);
    const fault = this.faults.shift();
    if (fault && "status" in fault) return fault;
    if (method === "POST") return this.#create(url, headers);
    const upload = this.uploads.get(url);
    if (!upload) return { status: 404, body: JSON.stringify({ error: { code: "not_found", message: "gone" } }) };
    if (method === "PATCH") {
      this.sizes.push(body.length);
      if (Number(headers.get("Upload-Offset")) !== upload.bytes.length) throw new Error("a wrong offset");
      const cut = fault?.cutAfter ?? body.length;
      upload.bytes = Buffer.concat([upload.bytes, body.subarray(0, cut)]);
      if (fault) return undefined;
    }
    return this.#state(upload);
  }

  #create(url: string, headers: Headers): Answer {
    const location = `${url}/up_${this.uploads.size + 1}`;
    const metadata = headers.get("Upload-Metadata") ?? "";
    this.uploads.set(location, { length: Number(headers.get("Upload-Length")), bytes: new Uint8Array(), metadata });
    return { status: 201, headers: { Location: location } };
  }

  #state({ bytes, length }: Upload): Answer {
    const path = encodeUploadPath("uploads/größe.bin");
    const headers = { "Upload-Offset": String(bytes.length) };
    return { status: 200, headers: bytes.length === length ? { ...headers, "Upload-Path": path } : headers };
  }

  async #fetch(url: string, { method = "GET", headers, signal }: RequestInit): Promise<Response> {
    signal?.throwIfAborted();
    const answer = await this.answer(method, url, new Headers(headers), new Uint8Array());
    if (!answer) throw new TypeError("network");
    return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers });
  }
}

function fakeXhr(server: FakeTus) {
  return class {
    status = 0;
    responseText = "";
    upload: { onprogress?: (event: { loaded: number }) => void } = {};
    onloadend: () => void = () => undefined;
    readonly #headers = new Headers();
    #url = "";
    #answered: Record<string, string> = {};
    open(_method: string, url: string): void {
      this.#url = url;
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers.set(name, value);
    }
    getAllResponseHeaders(): string {
      return Object.entries(this.#answered)
        .map(([name, value]) => `${name.toLowerCase()}: ${value}\r\n`)
        .join("");
    }
    abort(): void {
      this.status = 0;
      this.onloadend();
    }
    async send(chunk: Blob): Promise<void> {
      const bytes = new Uint8Array(await chunk.arrayBuffer());
      this.upload.onprogress?.({ loaded: Math.floor(bytes.length / 2) });
      const answer = await server.answer("PATCH", this.#url, this.#headers, bytes);
      this.status = answer?.status ?? 0;
      this.responseText = answer?.body ?? "";
      this.#answered = answer?.headers ?? {};
      this.onloadend();
    }
  };
}
