/** The resources that the conformance suite reads: it names them. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ReadResourceResult,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { PIXEL } from "./suite-samples.ts";

type Contents = ReadResourceResult["contents"][number];

const RESOURCES: (Contents & { description: string })[] = [
  { uri: "test://static-text", description: "A text.", mimeType: "text/plain", text: "This text never changes." },
  { uri: "test://static-binary", description: "An image.", mimeType: PIXEL.mimeType, blob: PIXEL.data },
  {
    uri: "test://watched-resource",
    description: "One to subscribe to.",
    mimeType: "text/plain",
    text: "Nor this one.",
  },
];

const TEMPLATE = {
  uriTemplate: "test://template/{id}/data",
  name: "template",
  description: "What is kept under an id.",
  mimeType: "application/json",
};

export function serveResources(server: Server): void {
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: RESOURCES.map(({ uri, description, mimeType }) => ({ uri, name: uri, description, mimeType })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({ contents: [read(params.uri)] }));
  // None of them ever changes, so whom to tell need not be remembered.
  for (const schema of [SubscribeRequestSchema, UnsubscribeRequestSchema]) {
    server.setRequestHandler(schema, ({ params }) => {
      read(params.uri);
      return {};
    });
  }
}

function read(uri: string): Contents {
  const known = RESOURCES.find((resource) => resource.uri === uri);
  if (known) {
    const { description: _description, ...contents } = known;
    return contents;
  }
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new McpError(ErrorCode.InvalidParams, "there is no such resource", { uri });
  return { uri, mimeType: TEMPLATE.mimeType, text: JSON.stringify({ id, kept: `what is kept under ${id}` }) };
}
