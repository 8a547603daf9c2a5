-- What was found by looking through everything that is open, or through all events of an escalation, is found by an index.

-- Derived when the row is written, like open: whether a lead's or manager's word is waited for, and who covers for the owner.
ALTER TABLE escalation ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE escalation ADD COLUMN acting TEXT NOT NULL DEFAULT '';
UPDATE escalation SET
    awaiting = (details ->> '$.transfer') IS NOT NULL OR (details ->> '$.severity_request') IS NOT NULL
            OR (details ->> '$.unconfirmed_since') IS NOT NULL,
    acting   = coalesce(details ->> '$.coverage.acting', '')
WHERE open = 1 AND details <> '';

-- A new escalation is in neither of these two.
CREATE INDEX escalation_awaiting ON escalation (rank) WHERE awaiting = 1;
CREATE INDEX escalation_acting ON escalation (acting, rank) WHERE acting <> '';
CREATE INDEX escalation_raised_by ON escalation (raised_by, open);
CREATE INDEX escalation_account ON escalation (account COLLATE NOCASE, created_at) WHERE open = 1 AND account <> '';

-- Without what every escalation begins with: raised, located, claimed.
CREATE INDEX event_by_type ON event (escalation, type, number) WHERE type NOT IN (1, 2, 3);
