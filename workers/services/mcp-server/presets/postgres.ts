/** Postgres MCP Pro: it takes its connection from a variable, so that no password stands in an argument. */
import { definePreset, field } from "./preset.ts";

export const postgres = definePreset({
  id: "postgres",
  title: "PostgreSQL",
  description: "Reads schemas, runs queries, explains plans and checks the health of a database.",
  homepage: "https://github.com/crystaldba/postgres-mcp",
  needs:
    "A database that the node reaches. Docker for the container, which reaches other machines; uv for the command.",
  fields: [
    field({
      ...{ name: "uri", label: "Connection", kind: "secret" },
      hint: "A secret with the URI, such as postgresql://user:password@host:5432/database. The user's rights are the tools' rights.",
    }),
    field({
      ...{ name: "access", label: "Access", kind: "choice", default: "restricted" },
      options: [
        { value: "restricted", label: "Read only, with limits" },
        { value: "unrestricted", label: "Everything the user may do" },
      ],
      hint: "What queries may do.",
    }),
  ],
  make: {
    container: ({ uri, access = "" }) => {
      const args = [`--access-mode=${access}`];
      const run = { kind: "container" as const, image: "crystaldba/postgres-mcp", args, network: true };
      return { run, env: [{ name: "DATABASE_URI", secret: uri }] };
    },
    command: ({ uri, access = "" }) => {
      const args = ["postgres-mcp", `--access-mode=${access}`];
      return { run: { kind: "command", command: "uvx", args }, env: [{ name: "DATABASE_URI", secret: uri }] };
    },
  },
});
