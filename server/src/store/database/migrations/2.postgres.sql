-- When a row left a scope, so that it can be forgotten.
ALTER TABLE tombstones ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0;
-- Tombstones up to this version are forgotten.
ALTER TABLE orgs ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;
