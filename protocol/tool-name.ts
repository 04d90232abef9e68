/** Names of MCP servers' tools. In a file of its own: the dashboard has no reader of shapes. */

/** A tool of a server in a job, a policy, an approval: `<server>/<tool>`. Names of servers have no slash. */
export function qualifiedTool(server: string, tool: string): string {
  return `${server}/${tool}`;
}

/** undefined for what is no name of that form: native tools have no slash. */
export function splitTool(qualified: string): { server: string; tool: string } | undefined {
  const at = qualified.indexOf("/");
  return at < 1 || at === qualified.length - 1
    ? undefined
    : { server: qualified.slice(0, at), tool: qualified.slice(at + 1) };
}
