/** Brave's own server for its search. */
import { definePreset, field } from "./preset.ts";

export const braveSearch = definePreset({
  id: "brave-search",
  title: "Brave Search",
  description: "Searches the web, news, images and places.",
  homepage: "https://github.com/brave/brave-search-mcp-server",
  needs:
    "An API key of Brave Search. Docker for the container, which reaches other machines; Node.js with npx for the command.",
  fields: [
    field({
      ...{ name: "key", label: "API key", kind: "secret" },
      hint: "A secret with the key from api-dashboard.search.brave.com.",
    }),
  ],
  make: {
    container: ({ key }) => ({
      run: { kind: "container", image: "mcp/brave-search", args: [], network: true },
      env: variables(key),
    }),
    command: ({ key }) => ({
      run: { kind: "command", command: "npx", args: ["-y", "@brave/brave-search-mcp-server"] },
      env: variables(key),
    }),
  },
});

/** It would listen on a port of its own otherwise. */
function variables(key: string | undefined) {
  return [
    { name: "BRAVE_API_KEY", secret: key },
    { name: "BRAVE_MCP_TRANSPORT", value: "stdio" },
  ];
}
