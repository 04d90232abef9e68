/** Where the MCP servers are that tests run as processes. */
import { join } from "node:path";

export const STDIO_SERVER = join(import.meta.dirname, "stdio-server.ts");
