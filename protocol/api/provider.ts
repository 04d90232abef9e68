/** Providers of models: any OpenAI-compatible base URL, reached directly or through a node's link. */
import * as z from "zod";
import { Timestamp } from "./common.ts";
import { SecretName } from "./secret.ts";

/** In US dollars for a million tokens. */
export const Price = z.object({ input: z.number().min(0), output: z.number().min(0) });
export type Price = z.infer<typeof Price>;

/** `native`: the API's own tool calls. `fenced`: a JSON block in the text, for models without them. `auto`: native, and fenced where none came. */
export const ToolCallStyle = z.enum(["auto", "native", "fenced"]);
export type ToolCallStyle = z.infer<typeof ToolCallStyle>;

const BaseUrl = z
  .url({ protocol: /^https?$/, message: "an http:// or https:// URL, such as http://127.0.0.1:1234/v1" })
  .max(500)
  .refine((url) => !/[?#@]/.test(url), "without a query, a fragment or a password: keys belong into a secret");

const Fields = z.object({
  name: z.string().trim().min(1).max(60),
  baseUrl: BaseUrl,
  /** The name of the secret that holds its API key. null: it needs none. */
  secret: SecretName.nullable().default(null),
  /** The id or name of the node that it is reached from. null: from the control plane. */
  viaNode: z.string().max(100).nullable().default(null),
  toolCalls: ToolCallStyle.default("auto"),
  /** By model; `*` is for all others. A model without a price costs nothing as far as limits go. */
  prices: z.record(z.string().max(200), Price).default({}),
});

export const Provider = z
  .object({ id: z.string(), ...Fields.shape, secret: z.string().nullable(), createdAt: Timestamp })
  .meta({ id: "Provider" });
export type Provider = z.infer<typeof Provider>;

export const NewProvider = Fields.meta({ id: "NewProvider" });
export type NewProvider = z.input<typeof NewProvider>;
export type ProviderInput = z.output<typeof NewProvider>;

const { name, baseUrl, secret, viaNode, toolCalls, prices } = Fields.shape;
/** Each part by itself; what is left out stays as it is. */
export const PatchProvider = z
  .object({
    name: name.optional(),
    baseUrl: baseUrl.optional(),
    secret: secret.unwrap().optional(),
    viaNode: viaNode.unwrap().optional(),
    toolCalls: toolCalls.unwrap().optional(),
    prices: prices.unwrap().optional(),
  })
  .meta({ id: "PatchProvider" });
export type PatchProvider = z.infer<typeof PatchProvider>;

export const ProviderModel = z.object({ id: z.string() });
/** What a connection test found. `message` says what is wrong and what to do. */
export const ProviderTest = z
  .object({
    ok: z.boolean(),
    message: z.string(),
    latencyMs: z.int().min(0),
    models: z.array(ProviderModel),
  })
  .meta({ id: "ProviderTest" });
export type ProviderTest = z.infer<typeof ProviderTest>;
