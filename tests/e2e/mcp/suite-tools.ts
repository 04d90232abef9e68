/** The tools that the conformance suite calls: it names them, and what each has to show. */
import { setTimeout as sleep } from "node:timers/promises";
import { CreateMessageResultSchema, ElicitResultSchema } from "@modelcontextprotocol/sdk/types.js";
import type { CallToolResult, ElicitRequestFormParams } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { JSON_RESOURCE, PIXEL, SILENCE, TEXT_RESOURCE } from "./suite-samples.ts";
import { type Extra, NO_ARGUMENTS, tellProgress, text, type Tool } from "./tools.ts";

const PAUSE_MS = 50;

const askedForSampling = z.object({ prompt: z.string() });
const askedForInput = z.object({ message: z.string() });

/** One that always answers the same. */
function fixed(name: string, description: string, content: CallToolResult["content"]): Tool {
  return { definition: { name, description, inputSchema: NO_ARGUMENTS }, call: () => ({ content }) };
}

/** One that asks the person behind the client, and says what came back. */
function asking(name: string, description: string, properties: Fields): Tool {
  return {
    definition: { name, description, inputSchema: NO_ARGUMENTS },
    call: (_args, extra) => elicit(extra, "Please fill this in.", { type: "object", properties }),
  };
}

type Form = ElicitRequestFormParams["requestedSchema"];
type Fields = Form["properties"];

async function elicit(extra: Extra, message: string, requestedSchema: Form): Promise<CallToolResult> {
  const request = { method: "elicitation/create", params: { message, requestedSchema } } as const;
  const { action, content } = await extra.sendRequest(request, ElicitResultSchema);
  return { content: [text(`The person chose ${action}: ${JSON.stringify(content ?? {})}`)] };
}

async function sample(extra: Extra, prompt: string): Promise<CallToolResult> {
  const messages = [{ role: "user" as const, content: text(prompt) }];
  const request = { method: "sampling/createMessage", params: { messages, maxTokens: 100 } } as const;
  const { model, content } = await extra.sendRequest(request, CreateMessageResultSchema);
  return { content: [text(`The model ${model} said ${JSON.stringify(content)}`)] };
}

const CONTENT: Tool[] = [
  fixed("test_simple_text", "Answers with a line of text.", [text("A line of text, and nothing else.")]),
  fixed("test_image_content", "Answers with an image.", [{ type: "image", ...PIXEL }]),
  fixed("test_audio_content", "Answers with a sound.", [{ type: "audio", ...SILENCE }]),
  fixed("test_embedded_resource", "Answers with a resource.", [{ type: "resource", resource: TEXT_RESOURCE }]),
  fixed("test_multiple_content_types", "Answers with a text, an image and a resource.", [
    text("An image and a resource follow."),
    { type: "image", ...PIXEL },
    { type: "resource", resource: JSON_RESOURCE },
  ]),
];

const WHILE_IT_RUNS: Tool[] = [
  {
    definition: {
      name: "test_tool_with_logging",
      description: "Sends three messages while it runs.",
      inputSchema: NO_ARGUMENTS,
    },
    call: async (_args, extra) => {
      for (const data of ["begun", "half way", "at its end"]) {
        await extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
        await sleep(PAUSE_MS);
      }
      return { content: [text("Three messages were sent.")] };
    },
  },
  {
    definition: {
      name: "test_tool_with_progress",
      description: "Tells three times how far it is.",
      inputSchema: NO_ARGUMENTS,
    },
    call: async (_args, extra) => {
      for (const done of [0, 50, 100]) {
        await tellProgress(extra, done, 100);
        await sleep(PAUSE_MS);
      }
      return { content: [text("All hundred are done.")] };
    },
  },
  {
    definition: {
      name: "test_reconnection",
      description: "Closes the stream of its call before it answers.",
      inputSchema: NO_ARGUMENTS,
    },
    call: async (_args, extra) => {
      extra.closeSSEStream?.();
      await sleep(2 * PAUSE_MS);
      return { content: [text("The stream of this call was closed, and taken up again.")] };
    },
  },
  {
    definition: { name: "test_error_handling", description: "Fails, whatever it is given.", inputSchema: NO_ARGUMENTS },
    call: () => {
      throw new Error("This tool fails by design.");
    },
  },
];

const CHOICES = ["value1", "value2", "value3"].map((value, at) => ({ const: value, title: `Choice ${at + 1}` }));
const OPTIONS = ["option1", "option2", "option3"];

const WITH_A_PERSON: Tool[] = [
  {
    definition: {
      name: "test_sampling",
      description: "Has the client's model answer a prompt.",
      inputSchema: { type: "object", properties: { prompt: { type: "string" } }, required: ["prompt"] },
    },
    call: (args, extra) => sample(extra, askedForSampling.parse(args).prompt),
  },
  {
    definition: {
      name: "test_elicitation",
      description: "Has the person behind the client say who they are.",
      inputSchema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
    },
    call: (args, extra) =>
      elicit(extra, askedForInput.parse(args).message, {
        type: "object",
        properties: { username: { type: "string" }, email: { type: "string" } },
        required: ["username", "email"],
      }),
  },
  asking("test_elicitation_sep1034_defaults", "Shows a form that is filled in already.", {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  }),
  asking("test_elicitation_sep1330_enums", "Shows a form with every kind of choice.", {
    untitledSingle: { type: "string", enum: OPTIONS },
    titledSingle: { type: "string", oneOf: CHOICES },
    legacyEnum: { type: "string", enum: ["opt1", "opt2"], enumNames: ["The first", "The second"] },
    untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
    titledMulti: { type: "array", items: { anyOf: CHOICES } },
  }),
];

/** Of the dialect it shows what a server could lose on the way: a reference, an anchor, compositions and a condition. */
const OF_A_DIALECT: Tool = {
  definition: {
    name: "json_schema_2020_12_tool",
    description: "Takes what a schema of the dialect 2020-12 describes.",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: { address: { $anchor: "anAddress", type: "object", properties: { place: { type: "string" } } } },
      properties: {
        address: { $ref: "#/$defs/address" },
        byPost: { type: "boolean" },
        letter: { type: "string" },
        parcel: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["letter"] }, { required: ["parcel"] }] }],
      if: { properties: { byPost: { const: true } }, required: ["byPost"] },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
      then: { required: ["address"] },
      else: { properties: { address: false } },
      additionalProperties: false,
    },
  },
  call: (args) => ({ content: [text(`It took ${JSON.stringify(args)}`)] }),
};

export const SUITE_TOOLS: readonly Tool[] = [...CONTENT, ...WHILE_IT_RUNS, ...WITH_A_PERSON, OF_A_DIALECT];
