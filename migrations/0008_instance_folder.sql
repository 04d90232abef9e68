-- The name of an instance's folder on its node: the slug it began with, which stays when a rename changes the slug.
ALTER TABLE instances ADD COLUMN folder TEXT NOT NULL DEFAULT '';
UPDATE instances SET folder = slug;
