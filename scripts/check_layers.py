#!/usr/bin/env python3
"""Checks who includes whom: the folders' order, and which file alone may see a heavy library."""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Folder (or file) → the only parts of this project that it may include. The longest matching place on the left rules;
# a right side ending in "/" allows everything below.
PROJECT = {
    "bot/base/": ["bot/base/"],
    "bot/slack/": ["bot/base/", "bot/slack/"],
    "bot/net/": ["bot/base/", "bot/net/"],
    "store/": ["bot/base/", "store/"],
    "handlers/": ["bot/base/", "bot/slack/", "handlers/", "store/model.hpp", "store/tx.hpp"],
    "handlers/rules/": ["bot/base/", "store/model.hpp", "store/facts.hpp", "store/replay.hpp", "handlers/people.hpp", "handlers/rules/"],
    "handlers/views/": ["bot/base/", "bot/slack/blocks.hpp", "store/model.hpp", "store/tx.hpp", "handlers/people.hpp",
                        "handlers/card_ref.hpp", "handlers/rules/", "handlers/views/"],
    "bot/run/": ["bot/", "handlers/", "store/"],
    "bot/main.cpp": ["bot/", "handlers/", "store/"],
}
# Header of a library, or of ours that brings one along → the only places that may include it. Tests may include what they like.
LIBRARIES = {
    r"boost/(asio|beast)\b": ["bot/net/", "bot/run/"],
    r"openssl/": ["bot/net/", "bot/base/crypto.cpp"],
    r"sqlite3\.h": ["store/sql/sqlite.cpp"],
    r"libpq-fe\.h": ["store/sql/postgres.cpp"],
    r"toml\+\+/": ["bot/base/config.cpp", "bot/base/config_table.hpp"],
    r"bot/base/config_table\.hpp": ["bot/base/config.cpp", "bot/base/config_table.cpp"],
    r"date/": ["bot/base/zone.cpp"],
    r"prometheus/": ["bot/base/metrics.cpp"],
    r"spdlog/": ["bot/base/log.cpp"],
    r"CLI/": ["bot/main.cpp"],
    r"boost/(asio|beast|json|multiprecision|spirit)\.hpp": [],  # umbrellas: seconds of compile time for one name
}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".hpp", ".cpp", ".h", ".def", ".ipp"}


def allowed(name, places):
    return any(name.startswith(place) if place.endswith("/") else name == place for place in places)


def problem(file, quote, name):
    """Says which rule `file` breaks by including `name`, or nothing."""
    for pattern, places in LIBRARIES.items():
        if re.match(pattern, name) and not allowed(file, places):
            return f"{name} may be included only by {', '.join(places) or 'nobody'}"
    if quote != '"':
        return None
    if not (ROOT / name).is_file():
        return f'"{name}" is not a path from the top of the repository'
    place = max((p for p in PROJECT if allowed(file, [p])), key=len, default=None)
    if place and not allowed(name, PROJECT[place]):
        return f"{place} may include only {', '.join(PROJECT[place])}, not {name}"
    return None


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    failures = 0
    for top in ("bot", "store", "handlers"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            file = path.relative_to(ROOT).as_posix()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                include = INCLUDE.match(line)
                if include and (wrong := problem(file, *include.groups())):
                    print(f"{file}:{number}: {wrong}")
                    failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
