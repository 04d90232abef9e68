/** The tokens that still let machines in. */
import { useQuery } from "@tanstack/preact-query";
import type { JoinToken } from "@roundhouse/protocol/api/join";
import { joinTokensQuery } from "../../api/queries.ts";
import { now } from "../../live/now.ts";
import { Button } from "../../parts/button.tsx";
import { formatRelative } from "../../parts/format.ts";
import { ErrorNotice } from "../../parts/notice.tsx";
import { toast, toastError } from "../../shell/toasts.tsx";
import css from "./add.module.css";
import { revokeToken } from "./made-token.ts";
import { workingTokens } from "./token-state.ts";

export function LiveTokens() {
  const { data, error } = useQuery(joinTokensQuery);
  const tokens = workingTokens(data ?? [], now.value);
  const revoke = async (token: JoinToken): Promise<void> => {
    await revokeToken(token.id);
    toast(`${token.name ?? "The token"} no longer lets machines in. Nodes that joined with it stay.`);
  };
  return (
    <section class={css.section} aria-label="Tokens that still work">
      <h2>Tokens that still work</h2>
      <ErrorNotice error={error} />
      {data !== undefined && tokens.length === 0 && <p class={css.quiet}>None: no machine can join now.</p>}
      <ul class={css.tokens}>
        {tokens.map((token) => (
          <li key={token.id}>
            <span>{token.name ?? "no name"}</span>
            <span class={css.quiet}>
              {token.usesLeft} of {token.uses} left, ends {formatRelative(token.expiresAt, now.value)}
            </span>
            <Button
              look="danger"
              aria-label={`Revoke ${token.name ?? "the token without a name"}`}
              onClick={() => void revoke(token).catch(toastError)}
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
