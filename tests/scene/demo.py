#!/usr/bin/env python3
"""Starts the fake Slack and the bot against it on loopback, plays the scene, prints what each channel shows, stays up.

  tests/scene/demo.py --build build/release            play, then serve until Ctrl-C
  tests/scene/demo.py --build build/release --once     play, then end; exit code 0 only if everything was seen
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), HERE]

from processes import Bot, FakeSlack  # noqa: E402
from scene import STEPS, Scene, config_text  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder with escalationd and the fake Slack")
    parser.add_argument("--bot", help="another bot program than the build folder's escalationd")
    parser.add_argument("--once", action="store_true", help="end after the scene")
    parser.add_argument("--kill-at", choices=STEPS, help="SIGKILL the bot right after this step and start it again")
    parser.add_argument("--patience", type=float, default=30, help="seconds to wait for each thing to be seen (default 30)")
    options = parser.parse_args()

    folder = tempfile.mkdtemp(prefix="escalation-demo-")
    fake = FakeSlack(os.path.join(options.build, "tests/fake_slack/fake_slack"), os.path.join(ROOT, "slack_manifest.json"))
    with open(os.path.join(HERE, "demo.toml"), encoding="utf-8") as file:
        config = config_text(file.read(), fake.workspace)
    bot = Bot(options.bot or os.path.join(options.build, "escalationd"), fake.facts, folder, config)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        bot.start()
        print(f"Demo workspace on {fake.workspace.address}, the bot's status on http://{bot.http}/readyz\n", flush=True)

        def after(step):
            if step == options.kill_at:
                print(f"    (the bot is killed after “{step}” and started again)", flush=True)
                bot.kill()
                bot.start()

        scene = Scene(fake.workspace, tell=lambda line: print(line, flush=True), after=after, patience=options.patience)
        try:
            scene.play()
        except AssertionError as problem:
            print(f"\nThe scene failed: {problem}\nThe bot's log is {bot.log_path}", file=sys.stderr)
            scene.print_all()
            return 1
        scene.print_all()
        print("\nThe scene is complete.", flush=True)
        if options.once:
            return 0
        print(f"""
Both stay up until Ctrl-C. To act as a person of the demo workspace:
    curl -s {fake.workspace.address}/user/command -d '{{"user":"@ana","channel":"#triage","command":"/queue","text":""}}'
To connect a real workspace, see “Connecting your workspace” in README.md.""", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        return 0
    finally:
        if bot.running():
            bot.terminate()
        fake.stop()
        if sys.exc_info()[0] is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
