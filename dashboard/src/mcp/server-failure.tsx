/** Why a server failed, or cannot be reached, and what to do. */
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { Warning } from "../parts/notice.tsx";
import { Visible } from "../parts/visible.tsx";

export function ServerFailure({ server: { state, reason, nodeName } }: { server: McpServer }) {
  if (state === "unreachable") {
    return (
      <Warning title={`${nodeName} is not connected`}>
        <p>What it runs goes on there. It is here again once its agent has dialled.</p>
      </Warning>
    );
  }
  if (state !== "failed" || reason === null) return null;
  return (
    <Warning title="It could not be started or reached">
      <p>
        <Visible text={reason.message} />
      </p>
      {reason.hint !== undefined && <p>{reason.hint}</p>}
    </Warning>
  );
}
