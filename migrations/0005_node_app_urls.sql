-- Who confirmed, and when, that a node's platform allows app URLs (JSON).
ALTER TABLE nodes ADD COLUMN apps_confirmation TEXT;
