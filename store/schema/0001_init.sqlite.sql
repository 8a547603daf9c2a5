-- The first schema. Instants are microseconds since 1970, digests are 32 bytes. Every index and every check is paid for by
-- each raised escalation, so there is an index only where a query that people or timers wait for would scan without it, and
-- what belongs to an escalation is written by the one function that writes the escalation: `escalationd verify` looks for
-- rows without one, no REFERENCES does.

CREATE TABLE escalation (
    id               INTEGER PRIMARY KEY,
    version          INTEGER NOT NULL,
    state            INTEGER NOT NULL,
    severity         INTEGER NOT NULL,
    open             INTEGER NOT NULL,  -- open, at_risk, breached: derived when the row is written, summed up in tally
    at_risk          INTEGER NOT NULL,
    breached         INTEGER NOT NULL,
    rank             INTEGER NOT NULL,
    next_point       INTEGER,
    owner            TEXT    NOT NULL,
    event_count      INTEGER NOT NULL,
    ledger_head      BLOB    NOT NULL,
    clocks           TEXT    NOT NULL,  -- the open ones, packed: store/clocks.hpp
    details          TEXT    NOT NULL,  -- what most never have, packed: store/details.hpp
    origin           INTEGER NOT NULL,
    hops             INTEGER NOT NULL,
    reopen_count     INTEGER NOT NULL,
    opened_at        INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    owned_since      INTEGER,
    accepted_at      INTEGER,
    resolved_at      INTEGER,
    workspace        TEXT    NOT NULL,
    account          TEXT    NOT NULL,
    team             TEXT    NOT NULL,
    raised_by        TEXT    NOT NULL,
    source_channel   TEXT    NOT NULL,
    source_ts        TEXT    NOT NULL,
    source_thread_ts TEXT    NOT NULL,
    source_permalink TEXT    NOT NULL,
    card_channel     TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    resolution       TEXT    NOT NULL,
    description      TEXT    NOT NULL
) STRICT;

CREATE INDEX escalation_queue ON escalation (rank) WHERE open = 1;
CREATE INDEX escalation_next_point ON escalation (next_point) WHERE next_point IS NOT NULL;
-- A new escalation is in none of these.
CREATE INDEX escalation_owner ON escalation (owner, rank) WHERE open = 1 AND owner <> '';
CREATE INDEX escalation_at_risk ON escalation (rank) WHERE at_risk = 1;
CREATE INDEX escalation_breached ON escalation (rank) WHERE breached = 1;

-- The header counts of the queue, kept up to date by every write so that nobody has to count.
CREATE TABLE tally (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    open     INTEGER NOT NULL,
    unowned  INTEGER NOT NULL,
    at_risk  INTEGER NOT NULL,
    breached INTEGER NOT NULL,
    waiting  INTEGER NOT NULL
) STRICT;
INSERT INTO tally (id, open, unowned, at_risk, breached, waiting) VALUES (1, 0, 0, 0, 0, 0);

CREATE TABLE closed_clock (
    escalation   INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    generation   INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    target_s     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    stopped_at   INTEGER NOT NULL,
    outcome      INTEGER NOT NULL,
    points       TEXT    NOT NULL,
    points_fired INTEGER NOT NULL,
    paused_us    INTEGER NOT NULL,
    PRIMARY KEY (escalation, kind, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_link (
    system      TEXT    NOT NULL,
    external_id TEXT    NOT NULL,
    escalation  INTEGER NOT NULL,
    url         TEXT    NOT NULL,
    PRIMARY KEY (system, external_id)
) STRICT, WITHOUT ROWID;
-- The source message's own link is known from the escalation: only further ones are listed.
CREATE INDEX source_link_of ON source_link (escalation) WHERE system <> 'slack';

-- The ledger. Rows are only ever added. `hash` covers everything but `sequence`; anchors bind the sequence.
CREATE TABLE event (
    sequence      INTEGER PRIMARY KEY,
    hash          BLOB    NOT NULL,
    escalation    INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    type          INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    source_time   INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    actor_role    INTEGER NOT NULL,
    data          TEXT    NOT NULL,
    trace         TEXT    NOT NULL,
    text_digest   BLOB    NOT NULL,  -- empty: the event has no text
    previous_hash BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_of_escalation ON event (escalation, number);

-- Erasing a text is deleting its row here: the event keeps its digest, the salt goes with the text.
CREATE TABLE event_text (
    sequence INTEGER PRIMARY KEY,
    salt     BLOB NOT NULL,
    text     TEXT NOT NULL
) STRICT;

CREATE TABLE anchor (
    id            INTEGER PRIMARY KEY,
    upto          INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    previous_hash BLOB    NOT NULL,
    hash          BLOB    NOT NULL
) STRICT;

-- Keys are pruned by id, which follows their age: no index on time.
CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL UNIQUE,
    received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    key           TEXT    NOT NULL UNIQUE,
    kind          INTEGER NOT NULL,
    escalation    INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    dead          INTEGER NOT NULL DEFAULT 0,
    generation    INTEGER NOT NULL DEFAULT 1,
    attempts      INTEGER NOT NULL DEFAULT 0,
    sending_since INTEGER,
    last_error    TEXT    NOT NULL DEFAULT '',
    body          TEXT    NOT NULL
) STRICT;
-- By kind first: the relay asks kind by kind, so that a flood of one never hides another.
CREATE INDEX outbox_due ON outbox (kind, due_at) WHERE dead = 0;

CREATE TABLE surface (
    key          TEXT    NOT NULL PRIMARY KEY,
    escalation   INTEGER NOT NULL,
    channel      TEXT    NOT NULL,
    ts           TEXT    NOT NULL,
    permalink    TEXT    NOT NULL,
    content_hash TEXT    NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX surface_of ON surface (escalation);

-- Who is away until when, by their own word.
CREATE TABLE away (
    person TEXT    NOT NULL PRIMARY KEY,
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
