#!/usr/bin/env python3
"""SIGTERM while Slack has not yet said who the bot is: it must not wait for that answer, and the store must be whole."""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from processes import Bot  # noqa: E402
from slack_user import wait_for  # noqa: E402


class MuteSlack:
    """Takes connections and requests and never answers."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked = threading.Event()
        self.kept = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            self.kept.append(connection)
            if connection.recv(1):
                self.asked.set()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    slack = MuteSlack()
    facts = {"api_url": f"http://127.0.0.1:{slack.listener.getsockname()[1]}/api/", "bot_token": "xoxb-mute", "app_token": "xapp-mute"}
    with tempfile.TemporaryDirectory() as folder:
        bot = Bot(os.path.join(options.build, "escalationd"), facts, folder, '[http]\nlisten = "127.0.0.1:0"\n')
        bot.launch()
        wait_for("the bot to ask who it is", slack.asked.is_set, 20)
        code = bot.terminate()
        with open(bot.log_path, encoding="utf-8") as file:
            events = [json.loads(line)["event"] for line in file if line.startswith("{")]
        verified, report = bot.run("verify")
    # Without the answer's deadline having passed, which would have been logged.
    if code != 0 or "stopped" not in events or "slack_unreachable" in events or verified != 0:
        print(f"exit code {code}, log {events}, verify: {report}")
        return 1
    print("stopped without waiting for Slack")
    return 0


if __name__ == "__main__":
    sys.exit(main())
