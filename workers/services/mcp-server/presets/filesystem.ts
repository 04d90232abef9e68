/** The reference server for files: one folder of the node, to read and to write. */
import { argumentOf, definePreset, field, mountOf } from "./preset.ts";

export const filesystem = definePreset({
  id: "filesystem",
  title: "Filesystem",
  description: "Reads, writes, searches and moves files below one folder of the node.",
  homepage: "https://github.com/modelcontextprotocol/servers/tree/main/src/filesystem",
  needs: "Docker for the container; Node.js with npx for the command.",
  fields: [
    field({
      ...{ name: "folder", label: "Folder", kind: "folder", default: "workspace" },
      hint: "All that its tools can reach.",
    }),
    field({
      ...{ name: "access", label: "Access", kind: "choice", default: "readonly" },
      options: [
        { value: "readonly", label: "Read only" },
        { value: "write", label: "Read and write" },
      ],
      hint: "Read only holds for the container. A command has the rights of the apps' user: approve only the tools that read.",
    }),
  ],
  make: {
    container: ({ folder = "", access }) => {
      const mount = mountOf(folder, { readonly: access !== "write" });
      return { run: { kind: "container", image: "mcp/filesystem", args: [mount.to], mounts: [mount] }, env: [] };
    },
    command: ({ folder = "" }) => {
      const args = ["-y", "@modelcontextprotocol/server-filesystem", argumentOf(folder)];
      return { run: { kind: "command", command: "npx", args }, env: [] };
    },
  },
});
