/** Every table by its drizzle name: what the database is opened with. */
export { accounts } from "./accounts.ts";
export { apiKeys } from "./api-keys.ts";
export { blueprintSources } from "./blueprint-sources.ts";
export { blueprints } from "./blueprints.ts";
export { formerSlugs } from "./former-slugs.ts";
export { instances } from "./instances.ts";
export { joinTokenUses } from "./join-token-uses.ts";
export { joinTokens } from "./join-tokens.ts";
export { nodes } from "./nodes.ts";
export { providers } from "./providers.ts";
export { secrets } from "./secrets.ts";
export { sessions } from "./sessions.ts";
export { shares } from "./shares.ts";
export { signInAttempts } from "./sign-in-attempts.ts";
export { users } from "./users.ts";
export { verifications } from "./verifications.ts";
