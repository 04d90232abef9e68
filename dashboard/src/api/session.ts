/** Who is signed in. */
import { computed, signal } from "@preact/signals";
import type { Role } from "@roundhouse/protocol/api/common";
import type { SetAccount, SignedIn, SignIn, User, Whoami } from "@roundhouse/protocol/api/person";
import { call, whenUnauthenticated } from "./call.ts";
import { ApiError } from "./errors.ts";
import { saveProof } from "./proof.ts";

type Session =
  | { state: "loading" }
  | { state: "signed-out" }
  | { state: "failed"; error: Error }
  | { state: "signed-in"; user: User | null; role: Role };

export const session = signal<Session>({ state: "loading" });
export const currentUser = computed(() => (session.value.state === "signed-in" ? session.value.user : null));

const ROLES: readonly Role[] = ["viewer", "operator", "admin"];
const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/** Why the signed-in person may not do what `needed` may do, or undefined when they may. */
export function blockedFor(needed: "operator" | "admin"): string | undefined {
  const current = session.value;
  if (current.state !== "signed-in") return "Sign in first.";
  if (RANK[current.role] >= RANK[needed]) return undefined;
  return `Your role is ${current.role}; this needs ${needed}. An admin can change it under Settings.`;
}

/** The roles that a person may hand on to a key. */
export function rolesUpToOwn(): Role[] {
  const current = session.value;
  if (current.state !== "signed-in") return [];
  return ROLES.filter((role) => RANK[role] <= RANK[current.role]);
}

export async function loadSession(): Promise<void> {
  try {
    const { user, role } = await call<Whoami>("GET", "/api/session");
    session.value = { state: "signed-in", user, role };
  } catch (error) {
    // Not signed in: call() has seen to it. And an outage signs nobody out.
    const known = error instanceof ApiError && error.code === "unauthenticated";
    if (known || session.value.state === "signed-in") return;
    session.value = { state: "failed", error: error instanceof Error ? error : new Error(String(error)) };
  }
}

export async function signIn(input: SignIn): Promise<User> {
  const { user, proof } = await call<SignedIn>("POST", "/api/session", input);
  saveProof(proof);
  session.value = { state: "signed-in", user, role: user.role };
  return user;
}

export async function signOut(): Promise<void> {
  await call("DELETE", "/api/session");
  forget();
}

export async function setAccount(input: SetAccount): Promise<void> {
  const user = await call<User>("PUT", "/api/account", input);
  session.value = { state: "signed-in", user, role: user.role };
}

function forget(): void {
  saveProof(null);
  session.value = { state: "signed-out" };
}

whenUnauthenticated(forget);
