#!/usr/bin/env python3
"""A stop while the disk does not answer: the process ends within 10 s all the same, says so, and the store is whole.

Each case has a fake Slack and a bot of its own; tests/support/stalled_disk.cpp is the disk.
"""

import argparse
import concurrent.futures
import json
import os
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from processes import Bot, FakeSlack  # noqa: E402
from slack_user import wait_for  # noqa: E402

LIMIT = 10.0
PATIENCE = 20


class Stalled:
    """One bot whose disk can be stopped."""

    def __init__(self, options, folder):
        self.fake = FakeSlack(os.path.join(options.build, "tests/fake_slack/fake_slack"), os.path.join(ROOT, "slack_manifest.json"))
        self.file = os.path.join(folder, "stalled")
        slack = self.fake.workspace
        config = f'[http]\nlisten = "127.0.0.1:0"\n[channels]\ntriage = "{slack.channels["triage"]}"\n'
        self.bot = Bot(os.path.join(options.build, "escalationd"), self.fake.facts, folder, config,
                       {"LD_PRELOAD": options.disk, "STALLED_DISK": self.file})

    def command(self, text):
        slack = self.fake.workspace
        return slack.do("command", user=slack.people["ana"], channel=slack.channels["help"], command="/escalate", text=text)

    def started(self):
        """Up, with one escalation acknowledged."""
        self.bot.start()
        assert self.command("sev2 Checkout fails")["outcome"] == "acked"

    def stall(self):
        with open(self.file, "w", encoding="utf-8"):
            pass

    def met(self):
        wait_for("a sync that waits for the disk", lambda: os.path.exists(self.file + ".met"), PATIENCE)

    def events(self):
        with open(self.bot.log_path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.startswith("{")]

    def has(self, event):
        return any(line["event"] == event for line in self.events())

    def ended(self):
        """Waits for it; seconds from now."""
        begun = time.monotonic()
        self.bot.process.wait(timeout=LIMIT + 20)
        return time.monotonic() - begun


def in_a_commit(case):
    case.started()
    case.stall()
    threading.Thread(target=case.command, args=("sev2 Never acknowledged",), daemon=True).start()
    case.met()
    case.bot.process.terminate()


def in_the_last_checkpoint(case):
    case.started()
    case.stall()
    case.bot.process.terminate()


def at_the_start(case):
    case.stall()
    case.bot.launch()
    case.met()
    case.bot.process.terminate()


def of_its_own_accord(case):
    case.started()
    case.stall()
    case.fake.workspace.control("fail", method="apps.connections.open", error="invalid_auth", times=100)
    case.fake.workspace.control("drop_sockets")
    wait_for("the service to give up", lambda: case.has("fatal"), PATIENCE)


def told_twice(case):
    case.started()
    case.stall()
    case.bot.process.terminate()
    case.met()
    # Two signals at once are one.
    until = time.monotonic() + 5
    while time.monotonic() < until and not any(line["event"] == "stopping" for line in case.events()):
        time.sleep(0.05)
    case.bot.process.terminate()


CASES = {in_a_commit: 1, in_the_last_checkpoint: 1, at_the_start: 1, of_its_own_accord: 1, told_twice: 128 + 15}


def play(options, begin, exit_code):
    """Seconds until the end, and what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        case = Stalled(options, folder)
        try:
            begin(case)
            seconds = case.ended()
            os.remove(case.file)
            if begin is at_the_start:
                case.bot.run("migrate")  # it never came so far
            said = [line for line in case.events() if line["event"] == "stop_cut_short"]
            verified, report = case.bot.run("verify")
            whole = "1 escalations" in report or "2 escalations" in report or begin is at_the_start
            if seconds > (1 if begin is told_twice else LIMIT):
                return seconds, "too late"
            if case.bot.process.returncode != exit_code:
                return seconds, f"exit code {case.bot.process.returncode}"
            if len(said) != (begin is not told_twice):
                return seconds, f"the log has {len(said)} lines stop_cut_short"
            if verified != 0 or not whole:
                return seconds, f"verify: {report}"
            return seconds, None
        finally:
            if case.bot.running():
                case.bot.kill()
            case.fake.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--disk", required=True, help="the library of tests/support/stalled_disk.cpp")
    options = parser.parse_args()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(CASES)) as pool:
        runs = {begin: pool.submit(play, options, begin, exit_code) for begin, exit_code in CASES.items()}
        for begin, run in runs.items():
            try:
                seconds, complaint = run.result()
                print(f"{'FAILED' if complaint else 'ok'}: {begin.__name__}, {seconds:.2f} s {complaint or ''}")
            except Exception as problem:
                complaint = problem
                print(f"FAILED: {begin.__name__}: {problem!r}")
            failed += bool(complaint)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
