#!/usr/bin/env python3
"""Kills the bot with SIGKILL after each step of the scene, and at random moments between them; starts it again at once.

Nothing in the outcome may change: what people can read afterwards is compared, without times, with an undisturbed run, and
the store must verify. `--random N --seed S` adds N runs that are killed at random instants.
"""

import argparse
import concurrent.futures
import os
import random
import shutil
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), HERE]

from processes import Bot, FakeSlack  # noqa: E402
from scene import STEPS, Scene, config_text  # noqa: E402


def run(build, kill_after=None, kill_at_seconds=()):
    """One scene; (outcome, complaint). `kill_at_seconds`: instants counted from the start."""
    folder = tempfile.mkdtemp(prefix="escalation-killed-")
    fake = FakeSlack(os.path.join(build, "tests/fake_slack/fake_slack"), os.path.join(ROOT, "slack_manifest.json"))
    with open(os.path.join(HERE, "demo.toml"), encoding="utf-8") as file:
        bot = Bot(os.path.join(build, "escalationd"), fake.facts, folder, config_text(file.read(), fake.workspace))
    over = threading.Event()
    timers = []

    def kill_and_start():
        with bot.lock:
            if not over.is_set() and bot.running():
                bot.kill()
                bot.start()

    try:
        bot.start()
        for seconds in kill_at_seconds:
            timer = threading.Timer(seconds, kill_and_start)
            timers.append(timer)
            timer.start()
        scene = Scene(fake.workspace, tell=lambda line: None, patience=60,
                      after=lambda step: kill_and_start() if step == kill_after else None)
        scene.play()
        over.set()
        with bot.lock:
            outcome = scene.outcome()
            bot.terminate()
        code, text = bot.run("verify")
        if code != 0:
            return outcome, f"verify: {text}"
        violations = fake.workspace.control("violations")["violations"]
        if violations:
            return outcome, f"the bot did what Slack would not accept: {violations}"
        shutil.rmtree(folder, ignore_errors=True)
        return outcome, None
    except (AssertionError, RuntimeError) as problem:
        return None, f"{problem} (log: {bot.log_path})"
    finally:
        over.set()
        for timer in timers:
            timer.cancel()
        with bot.lock:
            if bot.running():
                bot.kill()
        fake.stop()


def difference(expected, found):
    lines = []
    for place in expected:
        if expected[place] != found[place]:
            lines.append(f"  {place}:\n    expected {expected[place]}\n    found    {found[place]}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--random", type=int, default=6, help="runs that are killed three times at random instants")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--jobs", type=int, default=4)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    dice = random.Random(seed)

    cases = [("undisturbed", {})]
    cases += [(f"killed after “{step}”", {"kill_after": step}) for step in STEPS]
    for number in range(options.random):
        instants = sorted(round(dice.uniform(0.0, 13.0), 3) for _ in range(3))
        cases.append((f"random run {number + 1}, killed at {instants}", {"kill_at_seconds": instants}))

    expected = None
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (name, _), (outcome, complaint) in zip(cases, pool.map(lambda case: run(options.build, **case[1]), cases)):
            expected = expected or outcome
            if not complaint and outcome != expected:
                complaint = "the outcome differs from the undisturbed run:\n" + difference(expected, outcome)
            print(f"{'FAILED' if complaint else 'ok'}: {name}{': ' + complaint if complaint else ''}", flush=True)
            failed += bool(complaint)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
