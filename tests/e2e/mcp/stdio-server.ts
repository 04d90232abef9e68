/**
 * A server that speaks over its standard input and output, with a tool for each thing that a gateway must carry or keep:
 * plain and structured answers, progress and cancellation, an environment, a failure, and a definition that changes behind
 * the back (the description of `echo` is what the file named by ECHO_DESCRIPTION_FILE says at that moment).
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { type Extra, NO_ARGUMENTS, serveTools, tellProgress, text, type Tool } from "./tools.ts";

const STEP_MS = 50;
const NUMBER = { type: "number" } as const;
const STRING = { type: "string" } as const;

const ofEcho = z.object({ text: z.string() });
const ofAdd = z.object({ a: z.number(), b: z.number() });
const ofSlow = z.object({ steps: z.int().min(1) });
const ofEnvironment = z.object({ variable: z.string().optional() });

function echo(): Tool {
  const file = process.env["ECHO_DESCRIPTION_FILE"];
  return {
    definition: {
      name: "echo",
      description: file === undefined ? "Says a text again." : readFileSync(file, "utf8"),
      inputSchema: { type: "object", properties: { text: STRING }, required: ["text"] },
    },
    call: (args) => ({ content: [text(ofEcho.parse(args).text)] }),
  };
}

const ADD: Tool = {
  definition: {
    name: "add",
    description: "Adds two numbers.",
    inputSchema: { type: "object", properties: { a: NUMBER, b: NUMBER }, required: ["a", "b"] },
    outputSchema: { type: "object", properties: { sum: NUMBER }, required: ["sum"] },
  },
  call: (args) => {
    const { a, b } = ofAdd.parse(args);
    return structured({ sum: a + b });
  },
};

const SLOW: Tool = {
  definition: {
    name: "slow",
    description: `Tells each step as it begins; one takes ${STEP_MS} ms.`,
    inputSchema: { type: "object", properties: { steps: { type: "integer", minimum: 1 } }, required: ["steps"] },
  },
  call: (args, extra) => takeSteps(ofSlow.parse(args).steps, extra),
};

async function takeSteps(steps: number, extra: Extra): Promise<CallToolResult> {
  for (let step = 1; step <= steps; step += 1) {
    // At the beginning of a step: clients of the first SDK lose what comes together with the answer.
    await tellProgress(extra, step, steps);
    await sleep(STEP_MS);
    if (extra.signal.aborted) {
      // A call that was cancelled has no answer: only here is it seen that it ended early.
      process.stderr.write(`slow: cancelled after ${step} of ${steps} steps\n`);
      return { content: [] };
    }
  }
  process.stderr.write(`slow: all ${steps} steps\n`);
  return { content: [text(`took ${steps} steps`)] };
}

const ENVIRONMENT: Tool = {
  definition: {
    name: "environment",
    description: "Names the variables that it was given, and never says what they hold.",
    inputSchema: { type: "object", properties: { variable: STRING } },
    outputSchema: {
      type: "object",
      properties: { names: { type: "array", items: STRING }, isSet: { type: "boolean" } },
      required: ["names", "isSet"],
    },
  },
  call: (args) => {
    const { variable = "" } = ofEnvironment.parse(args);
    return structured({ names: Object.keys(process.env).toSorted(), isSet: Boolean(process.env[variable]) });
  },
};

const FAIL: Tool = {
  definition: { name: "fail", description: "Fails, whatever it is given.", inputSchema: NO_ARGUMENTS },
  call: () => ({ content: [text("it failed, as it always does")], isError: true }),
};

function structured(value: Record<string, unknown>): CallToolResult {
  return { content: [text(JSON.stringify(value))], structuredContent: value };
}

const server = new Server({ name: "stdio-server-of-tests", version: "1" }, { capabilities: { tools: {} } });
serveTools(server, () => [echo(), ADD, SLOW, ENVIRONMENT, FAIL]);
await server.connect(new StdioServerTransport());
process.stderr.write(`serving as ${process.getuid?.()}\n`);
