/** The way to an app: asks for a ticket and goes there. An app's URL without a grant leads here too. */
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { OpenInstance, Opened } from "@roundhouse/protocol/api/instance";
import { call } from "../api/call.ts";
import { ApiError } from "../api/errors.ts";
import { showLog } from "../instances/selection.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { Logo } from "../shell/logo.tsx";
import css from "./open.module.css";

export function OpenPage({ params }: { params: { id: string } }) {
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let left = false;
    setError(undefined);
    call<Opened>("POST", `/api/instances/${encodeURIComponent(params.id)}/open`, wantedPort())
      .then(({ url }) => {
        if (!left) location.replace(url);
      })
      .catch((failure: unknown) => {
        if (!left) setError(failure);
      });
    return () => {
      left = true;
    };
  }, [params.id, attempt]);
  return (
    <main class={css.page}>
      <Logo size={64} turning={error === undefined} />
      {error === undefined ? (
        <p role="status">Opening…</p>
      ) : (
        <div class={css.trouble}>
          <ErrorNotice error={error}>
            <p>{whatToDo(error)}</p>
          </ErrorNotice>
          <div class={css.buttons}>
            <Button look="primary" onClick={() => setAttempt(attempt + 1)}>
              Try again
            </Button>
            <Link href="/" onClick={() => showLog(params.id)}>
              See it among the instances
            </Link>
          </div>
        </div>
      )}
    </main>
  );
}

/** `?port=` names a port or gives the number of one; without it the main one is meant. */
function wantedPort(): OpenInstance {
  const port = new URLSearchParams(location.search).get("port");
  if (port === null) return {};
  return { port: /^\d+$/.test(port) ? Number(port) : port };
}

function whatToDo(error: unknown): string {
  const advice = error instanceof ApiError ? ADVICE[error.code] : undefined;
  return advice ?? "If it stays so, look at the app's log.";
}

const ADVICE: Readonly<Partial<Record<ApiError["code"], string>>> = {
  not_found:
    "It may have been deleted, or does not listen on this port now. The list of instances shows what there is.",
  forbidden: "Opening apps needs the role operator. An admin can change yours under Settings.",
  node_offline: "Bring the machine back, then try again.",
  app_unavailable: "Its log tells how far it is.",
  apps_not_confirmed: "An admin confirms it under Nodes, at this node.",
  conflict: "Its log tells how far it is.",
};
