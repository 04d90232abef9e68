/** One call of a tool while it is tried: under way with its time, cancelled, or answered. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { McpCallResult } from "@roundhouse/protocol/api/mcp-server";
import { callTool, readAgain } from "./actions.ts";

export type Try =
  | { state: "none" }
  | { state: "running"; since: number }
  | { state: "cancelled" }
  | { state: "failed"; error: unknown }
  | { state: "answered"; answer: McpCallResult };

export function useTry(serverId: string) {
  const [current, setCurrent] = useState<Try>({ state: "none" });
  const running = useRef<AbortController>();
  // Whoever leaves the page waits for nothing.
  useEffect(() => () => running.current?.abort(), []);

  const run = async (tool: string, args: Record<string, unknown>): Promise<void> => {
    const controller = new AbortController();
    running.current?.abort();
    running.current = controller;
    setCurrent({ state: "running", since: Date.now() });
    try {
      const answer = await callTool(serverId, { tool, arguments: args }, controller.signal);
      if (running.current === controller) setCurrent({ state: "answered", answer });
    } catch (error) {
      if (running.current !== controller) return;
      setCurrent(controller.signal.aborted ? { state: "cancelled" } : { state: "failed", error });
      // It may be because the tool is not what was approved any more.
      await readAgain();
    }
  };
  return { current, run, cancel: () => running.current?.abort() };
}
