/** What a hostile page tries against another address. Each function runs in the page it is given. */
import type { Page } from "playwright-core";

export type Outcome = { attack: string; result: string };

/** Everything a page can send or read across origins. Answers what the page learned of each attempt. */
export function attackFrom(page: Page, target: { http: string; socket: string }): Promise<Outcome[]> {
  return page.evaluate(async ({ http, socket }) => {
    const outcomes: { attack: string; result: string }[] = [];
    const attempt = async (attack: string, act: () => Promise<string>): Promise<void> => {
      const result = await act().catch((error: unknown) => `blocked: ${String(error)}`);
      outcomes.push({ attack, result });
    };
    const send = (init: RequestInit) => async () => {
      const response = await fetch(http, { credentials: "include", ...init });
      return response.type === "opaque"
        ? "opaque"
        : `read: ${response.status} ${(await response.text()).slice(0, 200)}`;
    };
    const load = (element: HTMLElement & { src: string }) => () =>
      new Promise<string>((resolve) => {
        element.onload = () => resolve("loaded");
        element.onerror = () => resolve("blocked: error");
        element.src = http;
        document.body.append(element);
      });
    await attempt("fetch", send({}));
    await attempt("fetch without cors", send({ mode: "no-cors" }));
    await attempt("post json", send({ method: "POST", headers: { "content-type": "application/json" }, body: "{}" }));
    await attempt("post text without cors", send({ method: "POST", mode: "no-cors", body: "{}" }));
    await attempt("delete", send({ method: "DELETE" }));
    await attempt("image", load(document.createElement("img")));
    await attempt("script", load(document.createElement("script")));
    await attempt("form in a frame", () => {
      const frame = document.createElement("iframe");
      frame.name = `target-${performance.now()}`;
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: http, target: frame.name });
      document.body.append(frame, form);
      form.submit();
      // A foreign document shows as none at all.
      const look = () => (frame.contentDocument ? `read: ${frame.contentDocument.body.innerText}` : "blocked: foreign");
      return new Promise((resolve) => setTimeout(() => resolve(look()), 500));
    });
    await attempt("socket", () => {
      const opened = new WebSocket(socket);
      return new Promise((resolve) => {
        opened.addEventListener("open", () => resolve("read: open"));
        opened.addEventListener("error", () => resolve("blocked: error"));
      });
    });
    return outcomes;
  }, target);
}
