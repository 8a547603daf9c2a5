"""The life of one escalation, played by people of the fake Slack and judged by what they read there.

A message, a reaction, a claim, a refused second claim, an at-risk alert and then a breach alert on a short SLA, a resolve.
Acts only through the fake's user side; every assertion looks at what Slack's own read methods return.
"""

import re
import time

from slack_user import SlackError, wait_for

STEPS = ["message", "reaction", "card", "claim", "second claim", "at risk", "breach", "resolve", "resolved"]
MESSAGE = "Checkout fails for all users at Acme since 14:05, the payment page times out"


def config_text(template, workspace, first_response="12s"):
    """demo.toml with this workspace's ids."""
    facts = {"TRIAGE": workspace.channels["triage"], "MAX": workspace.people["max"], "LEA": workspace.people["lea"],
             "ANA": workspace.people["ana"], "BO": workspace.people["bo"], "FIRST_RESPONSE": first_response}
    return re.sub(r"@([A-Z_]+)@", lambda match: facts[match[1]], template)


class Scene:
    """`tell` is called with each line for the audience; `after` with each step's name once its action was done."""

    def __init__(self, workspace, tell=print, after=lambda step: None, patience=30):
        self.workspace = workspace
        self.tell = tell
        self.after = after
        self.patience = patience

    def insist(self, action, **arguments):
        """A person who sees Slack's error presses again, as people do."""
        def press():
            answer = self.workspace.do(action, **arguments)
            return answer if answer.get("outcome", "acked") == "acked" else None
        return wait_for(f"an answer to {action}", press, self.patience)

    def card(self):
        cards = [message for message in self.workspace.history("triage") if message.get("bot_id")]
        assert len(cards) <= 1, f"{len(cards)} cards for one escalation"
        return cards[0] if cards else None

    def card_with(self, *words):
        def look():
            card = self.card()
            return card if card and all(word in self.workspace.text(card) for word in words) else None
        return wait_for(f"the card with {' and '.join(map(repr, words))}", look, self.patience)

    def alerts(self, person, word):
        """Alert DMs to that person whose text holds `word`, oldest first."""
        return [message for message in self.workspace.direct_messages(person) if word in self.workspace.text(message)]

    def play(self):
        slack, people = self.workspace, self.workspace.people
        self.tell("@riley writes in #help")
        source = slack.do("message", user=people["riley"], channel=slack.channels["help"], text=MESSAGE)["ts"]
        self.after("message")

        self.tell("@ana reacts with :rotating_light:")
        slack.do("react", user=people["ana"], channel=slack.channels["help"], ts=source, name="rotating_light")
        self.after("reaction")
        card = self.card_with("Checkout fails for all users", "No owner", "First response", "left", "[Claim]")
        self.tell("The card appears in #triage, with a countdown:\n" + slack.show(card, "    "))
        self.after("card")

        self.tell("@ana presses Claim")
        self.press(people["ana"], "esc.claim")
        self.after("claim")
        card = self.card_with("🔒", "@ana", "[Resolve]")
        self.tell("The owner is locked:\n" + slack.show(card, "    "))

        self.tell("@bo presses Claim on the card he still has on his screen")
        self.insist("click", user=people["bo"], channel=slack.channels["triage"], ts=card["ts"], action_id="esc.claim", stale=True)
        self.after("second claim")
        refusal = wait_for("the refusal of the second claim",
                           lambda: [m for m in slack.ephemerals("bo") if "@ana" in slack.text(m)], self.patience)[0]
        self.tell("Only @bo sees:\n" + slack.show(refusal, "    "))

        self.tell("Time passes …")
        at_risk = wait_for("the at-risk alert to @ana", lambda: self.alerts("ana", "At risk"), self.patience)[0]
        self.tell("@ana is warned before the breach:\n" + slack.show(at_risk, "    "))
        assert not self.alerts("ana", "Breached"), "the breach was announced before or together with the warning"
        self.after("at risk")
        breach = wait_for("the breach alert to @ana", lambda: self.alerts("ana", "Breached"), self.patience)[0]
        wait_for("the breach alert to the manager", lambda: self.alerts("max", "Breached"), self.patience)
        wait_for("the breach alert to the lead", lambda: self.alerts("lea", "Breached"), self.patience)
        self.tell("The promise is missed, and lead and manager know too:\n" + slack.show(breach, "    "))
        self.after("breach")

        self.tell("@ana presses Resolve and says what was done")
        self.resolve(people["ana"], "Rolled back the payment gateway release; checkout confirmed by Acme.")
        self.after("resolve")
        self.card_with("esolved", "Rolled back", "[Reopen]")
        wait_for("the source's thread to say resolved", lambda: self.status_says("esolved"), self.patience)
        self.after("resolved")

    def press(self, person, action_id):
        """Presses a button of the card; a button that is gone because an earlier press did arrive is what was wanted."""
        def try_it():
            try:
                answer = self.workspace.do("click", user=person, channel=self.workspace.channels["triage"], ts=self.card()["ts"],
                                           action_id=action_id)
            except SlackError as error:
                return {"outcome": "gone", "error": str(error)}
            return answer if answer["outcome"] == "acked" else None
        return wait_for(f"an answer to {action_id}", try_it, self.patience)

    def resolve(self, person, text):
        """Presses until the modal opens, fills it in, submits; again when Slack shows an error."""
        def open_modal():
            if self.press(person, "esc.resolve")["outcome"] == "gone":
                return "done"
            try:
                return wait_for("the modal", lambda: self.workspace.do("view", user=person).get("view"), 3)
            except AssertionError:
                return None

        def submit():
            if wait_for("the resolve modal", open_modal, self.patience) == "done":
                return True
            answer = self.workspace.do("submit", user=person, values={
                "resolution": text, "exit": "met", "exit_text": "No failed payment for ten minutes", "cause": "bug",
                "preventable": "yes", "customer_told": "yes"})
            if answer["outcome"] != "acked":
                self.workspace.do("close_view", user=person)
                return None
            assert not answer.get("errors"), f"the modal refused: {answer['errors']}"
            return True
        wait_for("the resolve to be taken", submit, self.patience)

    def status_says(self, word):
        for message in self.workspace.history("help"):
            for reply in message.get("replies", []):
                if reply.get("bot_id") and word in self.workspace.text(reply):
                    return True
        return False

    # --- what stands in the end ------------------------------------------------------------------------------------

    def outcome(self):
        """What everybody reads once nothing changes any more: what was overtaken is edited after what is new."""
        last, since = self.outcome_now(), time.monotonic()
        end = since + 60
        while time.monotonic() < end and time.monotonic() - since < 8:
            time.sleep(1)
            now = self.outcome_now()
            if now != last:
                last, since = now, time.monotonic()
        return last

    def outcome_now(self):
        """Everything people can read afterwards, without times: equal for two runs in which the same happened."""
        slack = self.workspace
        result = {f"#{name}": [self.timeless(message) for message in slack.history(name)] for name in ("help", "triage", "general")}
        for person in ("riley", "ana", "bo", "lea", "max"):
            result[f"@{person}"] = sorted(self.timeless(message) for message in slack.direct_messages(person))
        return result

    def timeless(self, message):
        text = re.sub(r"\d\d:\d\d:\d\d", "TIME", self.workspace.show(message))
        text = re.sub(r"\b(\d+[dhms] ?)+(?=\b)", "SPAN ", text)
        return "\n".join(line.rstrip() for line in text.splitlines())

    def print_all(self):
        """What conversations.history returns for each channel, and each DM of the bot."""
        slack = self.workspace
        for name in ("help", "triage"):
            self.tell(f"\n──── #{name} " + "─" * 60)
            for message in slack.history(name):
                self.tell(slack.show(message))
        for person in ("ana", "lea", "max"):
            messages = slack.direct_messages(person)
            if messages:
                self.tell(f"\n──── direct messages to @{person} " + "─" * 40)
                for message in messages:
                    self.tell(slack.show(message))
        self.tell("\n──── only @bo saw " + "─" * 56)
        for message in slack.ephemerals("bo"):
            self.tell(slack.show(message))
