/** Adding a node: a token, the line for the kind of machine, and the moment it arrives. */
import { useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import { joinTokensQuery } from "../../api/queries.ts";
import { blockedFor } from "../../api/session.ts";
import { now } from "../../live/now.ts";
import { classes } from "../../parts/classes.ts";
import { EmptyPlace } from "../../parts/notice.tsx";
import frame from "../../parts/page.module.css";
import css from "./add.module.css";
import { Arrivals } from "./arrivals.tsx";
import { LiveTokens } from "./live-tokens.tsx";
import { madeToken } from "./made-token.ts";
import { LINE_STEP, TOKEN_STEP } from "./steps.ts";
import { MadeToken, TokenForm } from "./token-form.tsx";
import { type TokenState, tokenState } from "./token-state.ts";
import { Ways } from "./ways.tsx";

export function AddNodePage() {
  const blocked = blockedFor("admin");
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Add a node</h1>
          <p class={frame.quiet}>One line on the machine. It only dials out: no port is opened on it.</p>
        </div>
        <Link href="/nodes">All nodes</Link>
      </header>
      {blocked ? (
        <EmptyPlace title="Only admins add nodes">
          <p>{blocked}</p>
        </EmptyPlace>
      ) : (
        <Steps />
      )}
    </div>
  );
}

function Steps() {
  const { data } = useQuery(joinTokensQuery);
  const token = madeToken.value;
  const listed = data?.find((one) => one.id === token?.id);
  const state = data === undefined ? "works" : tokenState(listed, now.value);
  const dead = token === null ? "Make a token first: without one no machine gets in." : DEAD[state];
  return (
    <>
      <section id={TOKEN_STEP} class={css.section} aria-label="The token" tabIndex={-1}>
        <h2>1. A token lets it in</h2>
        {token ? (
          <MadeToken token={token} state={state} usesLeft={listed?.usesLeft ?? token.usesLeft} />
        ) : (
          <TokenForm />
        )}
      </section>
      <section id={LINE_STEP} class={css.section} aria-label="The line" tabIndex={-1}>
        <h2>2. Paste the line there</h2>
        <Ways token={token} dead={dead} />
      </section>
      <section class={css.section} aria-label="Arrival">
        <h2>3. It arrives</h2>
        {token ? (
          <Arrivals key={token.id} token={token} isOver={state !== "works"} />
        ) : (
          <p class={css.waiting}>
            <span class={classes(css.pulse, css.still)} /> It appears here within seconds of running the line.
          </p>
        )}
      </section>
      <LiveTokens />
    </>
  );
}

const DEAD: Readonly<Record<TokenState, string | undefined>> = {
  works: undefined,
  "used-up": "Its token is used up. Make another one.",
  expired: "Its token has expired. Make another one.",
  revoked: "Its token was revoked. Make another one.",
};
