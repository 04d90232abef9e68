-- Secrets, encrypted; and the providers of models that use them.
CREATE TABLE secrets (
  name TEXT PRIMARY KEY NOT NULL,
  -- Which derived key it is encrypted with; a rotation encrypts it anew under the newest.
  key_id TEXT NOT NULL,
  -- AES-256-GCM: 12 bytes of nonce and the ciphertext with its tag, as base64url. The name is its additional data.
  sealed TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX secrets_key ON secrets (key_id);

CREATE TABLE providers (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  base_url TEXT NOT NULL,
  secret_name TEXT REFERENCES secrets (name),
  -- No reference: a node can be removed at once, and a provider that was reached through it never goes another way by itself.
  via_node TEXT,
  tool_calls TEXT NOT NULL,
  prices TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX providers_name ON providers (lower(name));
CREATE INDEX providers_created ON providers (created_at, id);
CREATE INDEX providers_secret ON providers (secret_name);
CREATE INDEX providers_node ON providers (via_node);
