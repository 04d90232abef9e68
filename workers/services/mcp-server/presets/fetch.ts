/** The reference server for web pages. */
import { definePreset, field } from "./preset.ts";

export const fetchPages = definePreset({
  id: "fetch",
  title: "Fetch",
  description: "Fetches a web page, and turns it into Markdown.",
  homepage: "https://github.com/modelcontextprotocol/servers/tree/main/src/fetch",
  needs: "Docker for the container, which reaches other machines; uv for the command.",
  fields: [
    field({
      ...{ name: "robots", label: "robots.txt", kind: "choice", default: "obey" },
      options: [
        { value: "obey", label: "Obey" },
        { value: "ignore", label: "Ignore" },
      ],
      hint: "Whether a site may say that programs stay away.",
    }),
  ],
  make: {
    container: ({ robots }) => ({
      run: { kind: "container", image: "mcp/fetch", args: flags(robots), network: true },
      env: [],
    }),
    command: ({ robots }) => ({
      run: { kind: "command", command: "uvx", args: ["mcp-server-fetch", ...flags(robots)] },
      env: [],
    }),
  },
});

function flags(robots: string | undefined): string[] {
  return robots === "ignore" ? ["--ignore-robots-txt"] : [];
}
