-- Jobs, their webhooks, their runs, and the approvals that runs wait for. Steps are kept by each run's own object.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  -- The whole job but its name and whether it is enabled, as JSON.
  spec TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  next_run_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX jobs_name ON jobs (lower(name));
CREATE INDEX jobs_created ON jobs (created_at, id);

CREATE TABLE webhooks (
  name TEXT PRIMARY KEY NOT NULL,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE INDEX webhooks_job ON webhooks (job_id);

-- Ids of webhook messages that were taken: a replay starts nothing. Kept as long as a signature is good, and then some.
CREATE TABLE webhook_messages (
  name TEXT NOT NULL,
  message_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (name, message_id)
);
CREATE INDEX webhook_messages_received ON webhook_messages (received_at);

CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL,
  job_id TEXT NOT NULL,
  job_name TEXT NOT NULL,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  dry INTEGER NOT NULL,
  -- The job as it was when this run was asked for, and what its trigger brought along, as JSON.
  spec TEXT NOT NULL,
  data TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  turns INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  money REAL NOT NULL DEFAULT 0,
  output TEXT,
  failure TEXT,
  doing TEXT
);
CREATE INDEX runs_created ON runs (created_at, id);
CREATE INDEX runs_job ON runs (job_id, created_at, id);
CREATE INDEX runs_status ON runs (status, created_at, id);

CREATE TABLE approvals (
  id TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  job_id TEXT NOT NULL,
  job_name TEXT NOT NULL,
  node_id TEXT,
  node_name TEXT,
  tool TEXT NOT NULL,
  arguments TEXT NOT NULL,
  digest TEXT NOT NULL,
  diff TEXT,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_at INTEGER,
  decided_by TEXT,
  reason TEXT
);
CREATE INDEX approvals_status ON approvals (status, created_at, id);
CREATE INDEX approvals_run ON approvals (run_id);

-- "Approve always": exactly this call (by its digest), of this job, on this node.
CREATE TABLE standing_approvals (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  node_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  approval_id TEXT NOT NULL,
  PRIMARY KEY (job_id, node_id, digest)
);
