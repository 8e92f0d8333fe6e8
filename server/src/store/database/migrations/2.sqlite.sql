-- When a row left a scope, so that it can be forgotten; what left before this is counted from now.
ALTER TABLE tombstones ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;
UPDATE tombstones SET removed_at = unixepoch() * 1000;
-- Tombstones up to this version are forgotten.
ALTER TABLE orgs ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
-- "user" is a reserved word elsewhere.
ALTER TABLE clients RENAME COLUMN user TO user_id;
ALTER TABLE commands RENAME COLUMN user TO user_id;
ALTER TABLE accounts RENAME COLUMN user TO user_id;
ALTER TABLE sessions RENAME COLUMN user TO user_id;
-- The oldest schema whose binaries may still open this database; the version itself is user_version.
CREATE TABLE schema (serves_from INTEGER NOT NULL) STRICT;
INSERT INTO schema VALUES (2);
