/** The join token made last. It is shown only once, so it is kept while the person looks at other pages. */
import { effect, signal } from "@preact/signals";
import type { CreateJoinToken, NewJoinToken } from "@roundhouse/protocol/api/join";
import { call } from "../../api/call.ts";
import { joinTokensQuery, queryClient } from "../../api/queries.ts";
import { session } from "../../api/session.ts";

export const madeToken = signal<NewJoinToken | null>(null);

effect(() => {
  if (session.value.state === "signed-out") madeToken.value = null;
});

/** @throws {ApiError} for the form that asked. */
export async function makeToken(input: CreateJoinToken): Promise<void> {
  const made = await call<NewJoinToken>("POST", "/api/join-tokens", input);
  await queryClient.invalidateQueries({ queryKey: joinTokensQuery.queryKey });
  madeToken.value = made;
}

/** @throws {ApiError} */
export async function revokeToken(id: string): Promise<void> {
  await call("DELETE", `/api/join-tokens/${id}`);
  await queryClient.invalidateQueries({ queryKey: joinTokensQuery.queryKey });
}
