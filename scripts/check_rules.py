#!/usr/bin/env python3
"""Checks that every rule of the domain has a test, and that the test would notice if the rule were gone.

  scripts/check_rules.py             each row of tests/rules.tsv names a test that exists and a condition that stands in the code
  scripts/check_rules.py --invert    turns each condition around, one at a time, in a copy of the tree, and runs the named test:
                                     it must go red (about 30 minutes)
  --only WORD                        rows whose rule or test contains WORD
  --jobs N                           compilers at a time (2)

tests/rules.tsv has five columns, separated by tabs: the section of the rules (2, 3, 6, 7, 12), the rule in a few words, the test (suite/case of
tests/unit, or a *.flow file), the file, and the condition in it: a piece of one line that occurs once. `a ==> b` as a condition says what
it is turned into, where putting "!" in front would not do.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "rules.tsv"
TESTS = ROOT / "tests" / "unit"
FLOWS = ROOT / "tests" / "flows"
COPY = ROOT / "build" / "inverted"
HANGS_AFTER = 120  # seconds; a test takes a few


class Row:
    def __init__(self, number, cells):
        self.number = number
        self.section, self.rule, self.test, self.file, self.condition = cells
        before, arrow, after = self.condition.partition(" ==> ")
        self.before = before
        self.after = after if arrow else f"!({before})"


def read_table():
    rows, problems = [], []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 5 or not all(cells):
            problems.append(f"tests/rules.tsv:{number}: five cells separated by tabs are expected")
            continue
        rows.append(Row(number, cells))
    return rows, problems


def known_tests():
    """The program of every suite/case and flow: a file's suites stand around its cases, its folder names the program."""
    programs = {path.name: "test_flows" for path in FLOWS.glob("*.flow")}
    for path in sorted(TESTS.glob("*/*.cpp")):
        suites = []
        for kind, name in re.findall(r"BOOST_((?:AUTO|FIXTURE)_TEST_SUITE|AUTO_TEST_SUITE_END|(?:AUTO|FIXTURE|DATA)_TEST_CASE)"
                                     r"\(\s*(\w*)", path.read_text(encoding="utf-8")):
            if kind.endswith("_TEST_SUITE"):
                suites.append(name)
            elif kind == "AUTO_TEST_SUITE_END":
                suites.pop()
            else:
                programs["/".join([*suites, name])] = f"test_{path.parent.name}"
    return programs


def check(rows):
    problems = []
    tests = known_tests()
    for row in rows:
        where = f"tests/rules.tsv:{row.number}"
        if row.test not in tests:
            problems.append(f"{where}: there is no test {row.test} for \"{row.rule}\"")
        path = ROOT / row.file
        if not path.is_file():
            problems.append(f"{where}: there is no file {row.file}")
            continue
        count = path.read_text(encoding="utf-8").count(row.before)
        if count != 1:
            problems.append(f"{where}: the condition stands {count} times in {row.file}: {row.before}")
    return problems


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


def build(jobs, *programs):
    return run(["cmake", "--build", "build/dev", "--target", *programs, "--", f"-j{jobs}"], cwd=COPY)


def is_red(test, program):
    flow = program == "test_flows"
    command = ["build/dev/tests/flows/test_flows"] if flow else [f"build/dev/tests/{program}", f"--run_test={test}"]
    try:
        return run(command, cwd=COPY, env=dict(os.environ, ESC_FLOW=test) if flow else None, timeout=HANGS_AFTER).returncode != 0
    except subprocess.TimeoutExpired:  # without the rule it never comes to its end
        return True


def invert(rows, jobs):
    """One row at a time, in a copy: nobody's work is touched."""
    COPY.mkdir(parents=True, exist_ok=True)
    files = run(["git", "ls-files"], cwd=ROOT).stdout.split("\n")
    for name in filter(None, files):
        source, target = ROOT / name, COPY / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    known = {COPY / name for name in files if name}
    for path in COPY.rglob("*"):  # what is gone here must go there: sources are found by their names
        if path.is_file() and path not in known and "build" not in path.relative_to(COPY).parts:
            path.unlink()
    configured = run(["cmake", "--preset", "dev"], cwd=COPY)
    if configured.returncode != 0:
        return [configured.stdout]
    print("building the copy", flush=True)
    tests = known_tests()
    programs = sorted({tests[row.test] for row in rows})
    built = build(jobs, *programs)
    if built.returncode != 0:
        return ["the copy does not build: " + built.stdout[-3000:]]
    problems = []
    red = {test for test in {row.test for row in rows} if is_red(test, tests[test])}
    for number, row in enumerate(rows, 1):
        program = tests[row.test]
        if row.test in red:
            problems.append(f"{row.test} is red before anything was turned around")
            continue
        path = COPY / row.file
        kept = path.read_text(encoding="utf-8")
        path.write_text(kept.replace(row.before, row.after, 1), encoding="utf-8")
        try:
            built = build(jobs, program)
            if built.returncode != 0:
                problems.append(f"{row.rule}: with \"{row.after}\" the code does not compile")
                verdict = "does not compile"
            elif is_red(row.test, program):
                verdict = "red, as it must be"
            else:
                problems.append(f"{row.rule}: {row.test} stays green although \"{row.before}\" was turned around")
                verdict = "STAYS GREEN"
        finally:
            path.write_text(kept, encoding="utf-8")  # is built with the next one
        print(f"[{number}/{len(rows)}] {row.section} {row.rule}: {verdict}", flush=True)
    build(jobs, *programs)
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--invert", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    rows, problems = read_table()
    problems += check(rows)
    if arguments.invert and not problems:
        problems = invert([row for row in rows if arguments.only in row.rule or arguments.only in row.test], arguments.jobs)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(rows)} rules have their tests")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
