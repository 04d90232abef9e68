-- Variables of its own that an instance's app is launched with, as JSON.
ALTER TABLE instances ADD COLUMN env TEXT NOT NULL DEFAULT '[]';
