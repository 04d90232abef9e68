/** The reference server for memory: a graph of what it was told, in one file that stays. */
import { definePreset, field } from "./preset.ts";

export const memory = definePreset({
  id: "memory",
  title: "Memory",
  description: "Keeps what it is told as a graph of things and their relations, across runs.",
  homepage: "https://github.com/modelcontextprotocol/servers/tree/main/src/memory",
  needs: "Docker for the container; Node.js with npx for the command.",
  fields: [
    field({
      ...{ name: "file", label: "File", default: "memory.jsonl" },
      hint: "The name of the file in the server's own folder. It goes with the server.",
    }),
  ],
  make: {
    container: ({ file = "" }) => ({
      run: {
        kind: "container",
        image: "mcp/memory",
        args: [],
        mounts: [{ from: "./data", to: "/data", readonly: false }],
      },
      env: [{ name: "MEMORY_FILE_PATH", value: `/data/${file}` }],
    }),
    command: ({ file = "" }) => ({
      run: { kind: "command", command: "npx", args: ["-y", "@modelcontextprotocol/server-memory"] },
      env: [{ name: "MEMORY_FILE_PATH", value: `{own}/${file}` }],
    }),
  },
});
