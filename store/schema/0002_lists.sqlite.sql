-- What was found by looking through everything that is open, or through all events of an escalation, is found by an index.

-- Derived when the row is written, like open: whether a lead's or manager's word is waited for, and who covers for the owner.
ALTER TABLE escalation ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE escalation ADD COLUMN acting TEXT NOT NULL DEFAULT '';
UPDATE escalation SET
    awaiting = (details ->> '$.transfer') IS NOT NULL OR (details ->> '$.severity_request') IS NOT NULL
            OR (details ->> '$.unconfirmed_since') IS NOT NULL,
    acting   = coalesce(details ->> '$.coverage.acting', '')
WHERE open = 1 AND details <> '';

-- Who only raises finds what they raised on their Home; those who work on escalations have the queue.
ALTER TABLE escalation ADD COLUMN by_requester INTEGER NOT NULL DEFAULT 0;
UPDATE escalation SET by_requester = 1 WHERE id IN (SELECT escalation FROM event WHERE number = 1 AND actor_role = 1);

-- What a request for another severity lacked until now: when it is told again and when nobody decided in time, as for transfers.
-- Counted from now, so that none ends the moment this runs.
UPDATE escalation SET details = json_set(details,
        '$.severity_request.remind_at',  unixepoch() * 1000000 + 900 * 1000000,
        '$.severity_request.expires_at', unixepoch() * 1000000 + 86400 * 1000000),
    next_point = min(coalesce(next_point, 9223372036854775807), unixepoch() * 1000000 + 900 * 1000000)
WHERE open = 1 AND details <> '' AND (details ->> '$.severity_request') IS NOT NULL;

-- What was undone says so by having no reason.
UPDATE escalation SET details = json_remove(details, '$.declined_reason')
WHERE details <> '' AND (details ->> '$.declined_reason') = 'withdrawn';

-- What engineering gave back moves up half an hour each time.
UPDATE escalation SET rank = rank - 1800 * 1000000 * (details ->> '$.bounces')
WHERE open = 1 AND details <> '' AND (details ->> '$.bounces') > 0;

-- A new escalation is in neither of these two.
CREATE INDEX escalation_awaiting ON escalation (rank) WHERE awaiting = 1;
CREATE INDEX escalation_acting ON escalation (acting, rank) WHERE acting <> '';
CREATE INDEX escalation_by_requester ON escalation (raised_by, open) WHERE by_requester = 1;
CREATE INDEX escalation_account ON escalation (account COLLATE NOCASE) WHERE open = 1 AND account <> '';

-- Without what every escalation begins with: raised, located, claimed.
CREATE INDEX event_by_type ON event (escalation, type, number) WHERE type NOT IN (1, 2, 3);
