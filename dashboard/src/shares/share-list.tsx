/** The links to an app that still work. */
import { useQuery } from "@tanstack/preact-query";
import type { Share } from "@roundhouse/protocol/api/share";
import { call } from "../api/call.ts";
import { queryClient, sharesQuery } from "../api/queries.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import css from "./shares.module.css";

export function ShareList({ instanceId }: { instanceId: string }) {
  const query = sharesQuery(instanceId);
  const { data = [], error } = useQuery(query);
  const live = data.filter((share) => Date.parse(share.expiresAt) > now.value);
  const revoke = async (share: Share): Promise<void> => {
    await call("DELETE", `/api/shares/${share.id}`);
    await queryClient.invalidateQueries({ queryKey: query.queryKey });
    toast("The link no longer works; what was open through it is closed.");
  };
  return (
    <section class={css.links} aria-label="Links that work">
      <h3>Links that work</h3>
      <ErrorNotice error={error} />
      {live.length === 0 && !error && <p class={css.quiet}>None.</p>}
      <ul>
        {live.map((share) => (
          <li key={share.id}>
            <strong>{share.name ?? "no name"}</strong>
            <span class={css.quiet}>
              {share.port !== null && `port ${share.port}, `}
              {share.path !== "/" && `at ${share.path}, `}by {share.createdBy}, ends{" "}
              {formatRelative(share.expiresAt, now.value)},{" "}
              {share.lastUsedAt === null ? "never used" : `used ${formatRelative(share.lastUsedAt, now.value)}`}
            </span>
            <Button
              look="danger"
              aria-label={`Revoke the link ${share.name ?? "without a name"}`}
              onClick={() => void revoke(share).catch(toastError)}
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
