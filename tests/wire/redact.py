#!/usr/bin/env python3
"""`escalationd redact` as an admin runs it beside the service: words, exit codes, and what people read afterwards."""

import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), os.path.join(ROOT, "tests", "scene")]

from processes import Bot, FakeSlack  # noqa: E402
from scene import config_text  # noqa: E402
from slack_user import wait_for  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
SECRET = "the valve of floor three"


class Redacting:
    def __init__(self, slack, bot):
        self.slack = slack
        self.bot = bot

    def types(self, person, text):
        slack = self.slack
        answer = slack.do("command", user=slack.people[person], channel=slack.channels["help"], command="/escalate", text=text)
        assert answer["outcome"] == "acked", f"{text}: {answer}"

    def card(self, key):
        cards = [one for one in self.slack.history("triage") if one.get("bot_id") and key in self.slack.text(one)]
        return cards[0] if cards else None

    def card_with(self, key, *words):
        def look():
            card = self.card(key)
            return card if card and all(word in self.slack.text(card) for word in words) else None
        return wait_for(f"the card of {key} with {words}", look, 30)

    def says(self, code, words, *arguments):
        """The subcommand ends with that code and says all of the words."""
        ended, output = self.bot.run("redact", *arguments)
        missing = [word for word in words if word not in output]
        assert ended == code and not missing, f"redact {' '.join(arguments)}: exit code {ended}, said: {output}"

    def erased_texts(self):
        code, report = self.bot.run("verify")
        assert code == DONE, f"verify: {report}"
        return int(report.split(" erased texts")[0].split()[-1])

    def everything(self):
        """All of the bot's messages that anybody can read."""
        slack = self.slack
        own = [one for channel in ("triage", "help") for parent in slack.history(channel)
               for one in [parent, *parent.get("replies", [])] if one.get("bot_id")]
        own += [one for person in ("riley", "ana", "lea", "max") for one in slack.direct_messages(person) if one.get("bot_id")]
        return "\n".join(slack.text(one) + "\n" + one.get("text", "") for one in own)

    def play(self):
        self.types("riley", f"sev4 Water comes from {SECRET}")
        self.types("ana", "claim 1")
        self.card_with("ESC-1", SECRET, "@ana")
        self.types("ana", f"note 1 I looked at {SECRET}")
        self.types("ana", f"resolve 1 Closed {SECRET}")
        self.card_with("ESC-1", "Resolved")
        self.types("ana", "sev4 Invoices are late")
        self.card_with("ESC-2", "Invoices are late")

        self.says(USAGE, ["name one of: a key"])
        self.says(USAGE, ["name one of: a key"], "ESC-1", "--older-than", "400d")
        self.says(USAGE, ["\"frob\" is not a key"], "frob")
        self.says(USAGE, ["\"riley\" is not a person's id"], "--user", "riley")
        self.says(USAGE, ["\"4h\"", "400d"], "--older-than", "4h")
        self.says(USAGE, ["at most ten years", "4000d"], "--older-than", "4000d")
        self.says(FAILED, ["There is no ESC-99."], "ESC-99", "--yes")
        self.says(DONE, ["would be erased: 3 texts of the ledger in 1 escalations"], "ESC-1", "--dry-run")
        # Nobody can be asked here, so nothing goes.
        self.says(USAGE, ["to be erased: 3 texts", "say --yes"], "ESC-1")
        assert self.erased_texts() == 0
        assert SECRET in self.everything()

        self.says(DONE, ["erased: 3 texts of the ledger in 1 escalations"], "ESC-1", "--yes")
        assert self.erased_texts() == 3
        self.says(DONE, ["to be erased: 0 texts of the ledger in 0 escalations"], "ESC-1", "--yes")
        # The service sees what another program wrote with the next thing that happens.
        self.types("ana", "note 2 Ask the bank")
        self.card_with("ESC-1", "(erased)")
        wait_for("all that repeated it to be said anew", lambda: SECRET not in self.everything(), 30)
        assert "The text of this message was erased." in self.everything()
        self.card_with("ESC-2", "Invoices are late")

        # Nothing has been over for a day; of one person all goes that they wrote, also in what is open.
        self.says(DONE, ["to be erased: 0 texts of the ledger in 0 escalations"], "--older-than", "1d", "--yes")
        self.says(DONE, ["erased: 2 texts of the ledger in 1 escalations"], "--user", self.slack.people["ana"], "--yes")
        self.types("riley", "sev4 The door is stuck")
        self.card_with("ESC-2", "(erased)")
        self.card_with("ESC-3", "The door is stuck")
        assert self.erased_texts() == 5


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    build = parser.parse_args().build
    fake = FakeSlack(os.path.join(build, "tests/fake_slack/fake_slack"), os.path.join(ROOT, "slack_manifest.json"))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(ROOT, "tests/scene/demo.toml"), encoding="utf-8") as file:
            bot = Bot(os.path.join(build, "escalationd"), fake.facts, folder, config_text(file.read(), fake.workspace, "1h"))
        try:
            bot.start()
            Redacting(fake.workspace, bot).play()
            assert bot.terminate() == 0, "the service did not stop well"
            violations = fake.workspace.control("violations")["violations"]
            assert not violations, f"the bot did what Slack would not accept: {violations}"
        except AssertionError as problem:
            print(problem)
            return 1
        finally:
            if bot.running():
                bot.kill()
            fake.stop()
    print("erased, and nobody reads it any more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
