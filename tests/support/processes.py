"""Starts the fake Slack and the bot as real processes for the scene, the crash tests and the wire tests."""

import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request

from slack_user import Workspace, wait_for


class FakeSlack:
    """tests/fake_slack's executable, on a free port."""

    def __init__(self, executable, manifest, port=0):
        self.process = subprocess.Popen([executable, "--port", str(port), "--manifest", manifest], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the fake Slack did not start (is its port taken?)")
        self.facts = json.loads(line)
        self.workspace = Workspace(self.facts)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


class Bot:
    """escalationd against a fake Slack. Its log goes to a file; it can be killed and started again on the same store."""

    def __init__(self, executable, facts, folder, config_text, environment=None):
        self.executable = executable
        self.folder = folder
        self.config = os.path.join(folder, "escalation.toml")
        self.log_path = os.path.join(folder, "escalationd.log")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(config_text)
        self.environment = dict(os.environ, SLACK_API_URL=facts["api_url"], SLACK_BOT_TOKEN=facts["bot_token"],
                                SLACK_APP_TOKEN=facts["app_token"],
                                ESCALATION_STORE="sqlite:" + os.path.join(folder, "escalations.db"), **(environment or {}))
        self.environment.pop("ESCALATION_CONFIG", None)
        self.process = None
        self.http = None
        self.lock = threading.Lock()

    def launch(self):
        """Without waiting for anything; where its log begins."""
        with open(self.log_path, "ab") as log:
            offset = log.tell()
            self.process = subprocess.Popen([self.executable, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment)
        return offset

    def start(self, ready_seconds=20):
        offset = self.launch()
        self.http = wait_for("the bot's HTTP address in its log", lambda: self._address(offset), ready_seconds)
        wait_for("the bot to be ready", self.ready, ready_seconds)

    def _address(self, offset):
        with open(self.log_path, "rb") as file:
            file.seek(offset)
            for line in file:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                if event.get("event") == "http_listening":
                    return event["address"]
        if self.process.poll() is not None:
            with open(self.log_path, "rb") as file:
                file.seek(offset)
                raise RuntimeError("the bot ended at once:\n" + file.read().decode(errors="replace"))
        return None

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def ready(self):
        return self.get("/readyz")[0] == 200

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def terminate(self, seconds=15):
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=seconds)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def run(self, *arguments):
        """Another subcommand of the same program on the same store: (exit code, output)."""
        done = subprocess.run([self.executable, *arguments, "--config", self.config], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout
