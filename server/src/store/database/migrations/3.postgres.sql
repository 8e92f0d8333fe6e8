-- SHA-256 of the session's second secret. None: the session was begun by an app, or at a server, that knows of no secrets.
ALTER TABLE sessions ADD COLUMN secret_hash BYTEA;
