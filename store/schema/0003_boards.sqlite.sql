-- Boards: in which channels a list is kept current, and which. The number is in the key of the message, so it must never be
-- that of another board.
CREATE TABLE board (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    channel   TEXT    NOT NULL UNIQUE,
    filter    INTEGER NOT NULL,
    severity  INTEGER,
    account   TEXT    NOT NULL,
    team      TEXT    NOT NULL,
    pinned_by TEXT    NOT NULL,
    pinned_at INTEGER NOT NULL
) STRICT;
