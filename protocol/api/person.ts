/** People and API keys of the HTTP API, and how they sign in. */
import * as z from "zod";
import { Role, Timestamp } from "./common.ts";

export const CreateApiKey = z
  .object({
    name: z.string().trim().min(1).max(60),
    role: Role.default("operator"),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(10 * 365 * 24 * 3600)
      .nullable()
      .default(null),
  })
  .meta({ id: "CreateApiKey" });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    /** The first characters, to recognise it by. */
    prefix: z.string(),
    createdBy: z.string(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = ApiKey.extend({ key: z.string() }).meta({ id: "NewApiKey" });
export type NewApiKey = z.infer<typeof NewApiKey>;

const Email = z.email().max(200);

const Password = z.string().min(10, "at least 10 characters").max(128);

export const User = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: Role,
    /** False until the person set a password: they can only sign in with a link. */
    hasPassword: z.boolean(),
    createdAt: Timestamp,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** Either a password or the token of a one-use sign-in link. */
export const SignIn = z
  .union([z.object({ email: Email, password: z.string().max(128) }), z.object({ token: z.string().min(1).max(200) })])
  .meta({ id: "SignIn" });
export type SignIn = z.infer<typeof SignIn>;

/** `proof` belongs in localStorage and goes out as the `x-roundhouse-proof` header: the cookie alone opens nothing. */
export const SignedIn = z.object({ user: User, proof: z.string() }).meta({ id: "SignedIn" });
export type SignedIn = z.infer<typeof SignedIn>;

export const Whoami = z
  .object({ user: User.nullable(), role: Role, via: z.enum(["session", "api-key", "preset-key"]) })
  .meta({ id: "Whoami" });
export type Whoami = z.infer<typeof Whoami>;

export const SetAccount = z
  .object({ name: z.string().trim().min(1).max(60), email: Email, password: Password })
  .meta({ id: "SetAccount" });
export type SetAccount = z.infer<typeof SetAccount>;

export const InviteUser = z
  .object({ name: z.string().trim().min(1).max(60), email: Email, role: Role })
  .meta({ id: "InviteUser" });
export type InviteUser = z.infer<typeof InviteUser>;

export const SignInLink = z.object({ url: z.url(), expiresAt: Timestamp }).meta({ id: "SignInLink" });
export type SignInLink = z.infer<typeof SignInLink>;

export const InvitedUser = z.object({ user: User, link: SignInLink }).meta({ id: "InvitedUser" });
export type InvitedUser = z.infer<typeof InvitedUser>;

export const PatchUser = z.object({ role: Role }).meta({ id: "PatchUser" });
export type PatchUser = z.infer<typeof PatchUser>;
