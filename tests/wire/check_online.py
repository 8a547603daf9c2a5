#!/usr/bin/env python3
"""`escalationd check --online`: what is missing in Slack is named, with the feature that needs it and what mends it."""

import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from processes import Bot, FakeSlack  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    build = parser.parse_args().build
    fake = FakeSlack(os.path.join(build, "tests/fake_slack/fake_slack"), os.path.join(ROOT, "slack_manifest.json"))
    slack = fake.workspace
    wrong = []

    def says(what, code, words, triage=None, toml="", never=(), facts=(), environment=None):
        """A check with that configuration ends with that code and says all of the words, and none of `never`."""
        with tempfile.TemporaryDirectory() as folder:
            bot = Bot(os.path.join(build, "escalationd"), {**fake.facts, **dict(facts)}, folder,
                      f'[channels]\ntriage = "{triage or slack.channels["triage"]}"\n{toml}', environment)
            ended, output = bot.run("check", "--online")
        missing = [word for word in words if word not in output] + [f"no {word}" for word in never if word in output]
        if ended != code or missing:
            wrong.append(f"{what}: exit code {ended}, missing {missing}, said:\n{output}")

    def without(scope, what, code, words, **more):
        slack.control("scopes", remove=[scope])
        says(what, code, words, **more)
        slack.control("scopes", add=[scope])

    try:
        says("all is well", DONE, ["ok       SLACK_BOT_TOKEN: workspace", "ok       scope reactions:read: raising by reaction",
                                   "#triage: the bot is in it"], never=["problem"])
        without("reactions:read", "a scope that a feature needs", FAILED,
                ["problem  scope reactions:read is missing: without it no raising by reaction", "1 problem found online"])
        without("usergroups:read", "a scope that nothing configured needs", DONE,
                ["note     scope usergroups:read is missing, and no user group is configured"], never=["problem"])
        without("usergroups:read", "a scope that a team's group needs", FAILED,
                ["problem  scope usergroups:read is missing: without it no user groups"],
                toml='[[team]]\nname = "support"\nmembers = ["S05AGT2K9F"]\n')
        says("a wrong token", FAILED, ["problem  SLACK_BOT_TOKEN: ", "copy it again from api.slack.com/apps"], never=["scope "],
             facts={"bot_token": "xoxb-wrong"})
        says("no token", USAGE, ["SLACK_BOT_TOKEN is not set"], facts={"bot_token": ""})
        elsewhere = slack.channels["elsewhere"]
        says("a channel without the bot", FAILED, [f"problem  channels.triage {elsewhere} #elsewhere", "the bot is not in it"],
             triage=elsewhere)
        says("a channel that is not there", FAILED, ["problem  channels.triage C0NOWHERE: no such channel, or a private one"],
             triage="C0NOWHERE")
        says("a channel that outsiders read", FAILED, ["#acme-shared", "is shared with another organisation", "nothing internal"],
             triage=slack.channels["acme-shared"])
        shared = slack.channels["acme-shared"]
        says("a team's channel that outsiders read", FAILED,
             [f"problem  team.support.triage {shared} #acme-shared takes no card", "#triage: the bot is in it", "1 problem found online"],
             toml=f'[[team]]\nname = "support"\ntriage = "{shared}"\n[[team]]\nname = "billing"\n')
        slack.control("archive", channel=slack.channels["general"])
        says("a channel that is archived", FAILED, ["#general", "is archived"], triage=slack.channels["general"])
        fake.stop()
        says("no Slack", FAILED, ["problem  Slack: "])
    finally:
        if fake.process.poll() is None:
            fake.stop()
    print("\n\n".join(wrong) or "every finding is named")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
