-- What an instance's folder is made from before its first launch: another one's, or what lies in the trash. JSON.
ALTER TABLE instances ADD COLUMN origin TEXT;
