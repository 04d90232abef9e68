-- The hosts of the pool and the tokens they join with.
CREATE TABLE nodes (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL,
  policy TEXT NOT NULL,
  policy_ceiling TEXT,
  port_first INTEGER NOT NULL,
  port_last INTEGER NOT NULL,
  online INTEGER NOT NULL DEFAULT 0,
  last_seen_at INTEGER,
  notice TEXT,
  facts TEXT,
  agent_version TEXT,
  unknown_instances TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX nodes_name ON nodes (lower(name));
CREATE INDEX nodes_created ON nodes (created_at, id);

CREATE TABLE join_tokens (
  id TEXT PRIMARY KEY NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  name TEXT,
  uses INTEGER NOT NULL,
  uses_left INTEGER NOT NULL CHECK (uses_left >= 0),
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX join_tokens_created ON join_tokens (created_at, id);

CREATE TABLE join_token_uses (
  token_id TEXT NOT NULL REFERENCES join_tokens (id) ON DELETE CASCADE,
  key_hash TEXT NOT NULL,
  node_id TEXT NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (token_id, key_hash)
);
