/** The prompts that the conformance suite asks for: it names them and their arguments. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CompleteRequestSchema,
  type ContentBlock,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { PIXEL } from "./suite-samples.ts";
import { text } from "./tools.ts";

type Prompt = {
  name: string;
  description: string;
  /** All are required. */
  args: string[];
  content: (args: Record<string, string>) => ContentBlock[];
};

const PROMPTS: Prompt[] = [
  {
    name: "test_simple_prompt",
    description: "Asks for nothing.",
    args: [],
    content: () => [text("Say something simple.")],
  },
  {
    name: "test_prompt_with_arguments",
    description: "Compares two things.",
    args: ["arg1", "arg2"],
    content: ({ arg1, arg2 }) => [text(`Compare ${arg1} with ${arg2}.`)],
  },
  {
    name: "test_prompt_with_embedded_resource",
    description: "Carries a resource.",
    args: ["resourceUri"],
    content: ({ resourceUri: uri = "" }) => [
      { type: "resource", resource: { uri, mimeType: "text/plain", text: "A resource within a prompt." } },
      text("Sum up the resource."),
    ],
  },
  {
    name: "test_prompt_with_image",
    description: "Carries an image.",
    args: [],
    content: () => [{ type: "image", ...PIXEL }, text("Say what the image shows.")],
  },
];

const COMPLETIONS = ["tea", "testament", "tested", "toast"];

export function servePrompts(server: Server): void {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: PROMPTS.map(({ name, description, args }) => ({
      name,
      description,
      arguments: args.map((arg) => ({ name: arg, required: true })),
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const given = params.arguments ?? {};
    const prompt = PROMPTS.find(({ name }) => name === params.name);
    if (!prompt) throw new McpError(ErrorCode.InvalidParams, `there is no prompt ${params.name}`);
    const missing = prompt.args.find((arg) => given[arg] === undefined);
    if (missing !== undefined) throw new McpError(ErrorCode.InvalidParams, `${params.name} needs ${missing}`);
    return { messages: prompt.content(given).map((content) => ({ role: "user" as const, content })) };
  });
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => {
    const values = COMPLETIONS.filter((word) => word.startsWith(params.argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
}
