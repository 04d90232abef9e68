-- Former slugs of instances: their URLs lead to the present one. An instance's environment is made anew, or all of it,
-- as often as these counters say.
CREATE TABLE former_slugs (
  slug TEXT PRIMARY KEY NOT NULL,
  instance_id TEXT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  left_at INTEGER NOT NULL
);
CREATE INDEX former_slugs_instance ON former_slugs (instance_id);
ALTER TABLE instances ADD COLUMN rebuilds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN resets INTEGER NOT NULL DEFAULT 0;
