/** The HTTP API: one file a resource, put together here. */
import { addAudit } from "./audit.ts";
import { addApprovals } from "./approvals.ts";
import { addBlueprints } from "./blueprints.ts";
import { type Api, makeApp } from "./app.ts";
import { addDocument } from "./document.ts";
import { addDrain } from "./drain.ts";
import { addFiles } from "./files.ts";
import { addHealth } from "./health.ts";
import { addInstanceActions } from "./instance-actions.ts";
import { addInstances } from "./instances.ts";
import { addJobs } from "./jobs.ts";
import { addJoin } from "./join.ts";
import { addJoinTokens } from "./join-tokens.ts";
import { addKeys } from "./keys.ts";
import { addLocal } from "./local.ts";
import { addMcpPresets } from "./mcp-presets.ts";
import { addMcpServers } from "./mcp-servers.ts";
import { addNodes } from "./nodes.ts";
import { addProviders } from "./providers.ts";
import { addSecrets } from "./secrets.ts";
import { addRuns } from "./runs.ts";
import { addSession } from "./session.ts";
import { addShares } from "./shares.ts";
import { addTerminals } from "./terminals.ts";
import { addTrash } from "./trash.ts";
import { addUploads } from "./uploads.ts";
import { addUsers } from "./users.ts";
import { addWebhooks } from "./webhooks.ts";

export function createApi(): Api {
  const app = makeApp();
  addHealth(app);
  addSession(app);
  addUsers(app);
  addKeys(app);
  addJoin(app);
  addJoinTokens(app);
  addNodes(app);
  addDrain(app);
  addBlueprints(app);
  addInstances(app);
  addInstanceActions(app);
  addShares(app);
  addTerminals(app);
  addTrash(app);
  addUploads(app);
  addFiles(app);
  addSecrets(app);
  addProviders(app);
  addMcpServers(app);
  addMcpPresets(app);
  addAudit(app);
  addJobs(app);
  addRuns(app);
  addApprovals(app);
  addWebhooks(app);
  addLocal(app);
  addDocument(app);
  return app;
}

/** Serves `/health`, `/metrics` and `/api/*`. */
export const api: Api = createApi();
