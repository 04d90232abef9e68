-- Who changed what, when, and from where.
CREATE TABLE audit (
  id TEXT PRIMARY KEY NOT NULL,
  at INTEGER NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_id TEXT,
  entity_name TEXT,
  client_address TEXT,
  detail TEXT
);
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_entity ON audit (entity, entity_id, at);
