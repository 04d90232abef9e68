-- A host name of an app's own, where its owner has one.
ALTER TABLE instances ADD COLUMN hostname TEXT;
CREATE UNIQUE INDEX instances_hostname ON instances (hostname);
