-- Share links: an app for whoever has the link, until it expires or is revoked.
CREATE TABLE shares (
  id TEXT PRIMARY KEY NOT NULL,
  instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  name TEXT,
  secret_hash TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  key_id TEXT REFERENCES api_keys (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER
);
CREATE INDEX shares_instance ON shares (instance_id, created_at, id);
CREATE INDEX shares_user ON shares (user_id);
CREATE INDEX shares_key ON shares (key_id);
