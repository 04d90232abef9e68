/** The reference server for git: one repository on the node. */
import { argumentOf, definePreset, field, mountOf } from "./preset.ts";

export const git = definePreset({
  id: "git",
  title: "Git",
  description: "Shows status, diffs and history of a repository on the node, and commits to it.",
  homepage: "https://github.com/modelcontextprotocol/servers/tree/main/src/git",
  needs: "A folder of the node that is a git repository. Docker for the container; uv and git for the command.",
  fields: [
    field({
      ...{ name: "folder", label: "Repository", kind: "folder", default: "workspace" },
      hint: "The folder of the repository, with its .git in it.",
    }),
  ],
  make: {
    container: ({ folder = "" }) => {
      const mount = mountOf(folder, { readonly: false });
      const args = ["--repository", mount.to];
      return { run: { kind: "container", image: "mcp/git", args, mounts: [mount] }, env: [] };
    },
    command: ({ folder = "" }) => {
      const args = ["mcp-server-git", "--repository", argumentOf(folder)];
      return { run: { kind: "command", command: "uvx", args }, env: [] };
    },
  },
});
