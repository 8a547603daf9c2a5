-- What is over and waits for the word on its level comes after what goes on.
DROP INDEX escalation_awaiting;
CREATE INDEX escalation_awaiting ON escalation (open DESC, rank) WHERE awaiting = 1;
