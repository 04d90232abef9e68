-- Instances: the wish, its generation, and what the node last reported.
CREATE TABLE instances (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  parent_id TEXT REFERENCES instances (id),
  blueprint_name TEXT NOT NULL,
  blueprint_kind TEXT NOT NULL,
  blueprint_digest TEXT NOT NULL REFERENCES blueprint_sources (digest),
  gpu_ids TEXT NOT NULL,
  autostart INTEGER NOT NULL,
  port INTEGER,
  output_path TEXT,
  restart_policy TEXT NOT NULL,
  python_version TEXT,
  cuda_version TEXT,
  torch_version TEXT,
  desired TEXT NOT NULL CHECK (desired IN ('running', 'stopped', 'deleted')),
  epoch INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  deleted_at INTEGER,
  delete_mode TEXT,
  created_at INTEGER NOT NULL,
  observed TEXT,
  observed_status TEXT,
  observed_port INTEGER,
  observed_epoch INTEGER,
  observed_generation INTEGER,
  observed_seq INTEGER,
  observed_at INTEGER,
  first_started_at INTEGER
);
-- A tombstone gives its name and port free at once; its slug (and folder) only when the node confirmed.
CREATE UNIQUE INDEX instances_name ON instances (lower(name)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX instances_port ON instances (node_id, port) WHERE port IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX instances_created ON instances (created_at, id);
CREATE INDEX instances_node ON instances (node_id);
CREATE INDEX instances_parent ON instances (parent_id);
CREATE INDEX instances_blueprint ON instances (blueprint_digest);
CREATE INDEX instances_blueprint_name ON instances (lower(blueprint_name));
