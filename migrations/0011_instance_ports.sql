-- Ports that an instance has beside its main one, and the port that a share leads to (its part of the app's host; null: the main one).
ALTER TABLE instances ADD COLUMN ports TEXT NOT NULL DEFAULT '[]';
ALTER TABLE shares ADD COLUMN port TEXT;
