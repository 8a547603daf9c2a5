#!/usr/bin/env python3
"""Checks slack_manifest.json against our own lists of scopes and events, against the routes the program answers to, and,
when it is there, against Slack's JSON schema. Usage: check_manifest.py [--program ESCALATIOND] [--schema FILE]"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = ROOT.parent / "shared/fixtures/slack/manifest.schema.2.0.0.json"

# Slack's schema takes misspelt names, so the ones we use are written down here. An event needs one of its scopes.
SCOPES = {
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "groups:history", "groups:read",
    "im:history", "im:write", "reactions:read", "usergroups:read", "users:read",
}
EVENTS = {
    "app_home_opened": [],
    "app_mention": ["app_mentions:read"],
    "app_uninstalled": [],
    "channel_id_changed": ["channels:read", "groups:read"],
    "channel_shared": ["channels:read", "groups:read"],
    "channel_unshared": ["channels:read", "groups:read"],
    "member_joined_channel": ["channels:read", "groups:read"],
    "message.channels": ["channels:history"],
    "message.groups": ["groups:history"],
    "reaction_added": ["reactions:read"],
    "reaction_removed": ["reactions:read"],
    "subteam_members_changed": ["usergroups:read"],
    "tokens_revoked": [],
    "user_change": ["users:read"],
}
# Events that need no route: the program learns from them itself.
HOUSE_KEEPING = {"app_uninstalled", "channel_id_changed", "channel_shared", "channel_unshared", "member_joined_channel",
                 "subteam_members_changed", "tokens_revoked", "user_change"}
# Slack names messages by the kind of channel; the program's routes by what happened to them.
MESSAGES = {"message.channels", "message.groups"}
MESSAGE_ROUTES = {"message", "message_changed", "message_deleted"}

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Schema:
    """The part of JSON Schema draft 7 that Slack's manifest schema uses. A keyword it does not know is an error of its own:
    a check that silently skips half of the schema would be worth nothing."""

    SILENT = {"$schema", "$id", "title", "description", "default", "examples", "$comment", "definitions", "$defs", "format",
              "deprecated", "readOnly", "enumNames", "if", "then", "else"}

    def __init__(self, root):
        self.root = root
        self.unknown = set()

    def resolve(self, reference):
        if not reference.startswith("#"):
            raise ValueError(f"a reference outside the file: {reference}")
        node = self.root
        for part in reference[1:].split("/"):
            if part:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def check(self, value, schema, path="$"):
        """The problems of `value`, each with its path."""
        if schema is True:
            return []
        if schema is False:
            return [f"{path}: not allowed"]
        if "$ref" in schema:
            return self.check(value, self.resolve(schema["$ref"]), path)
        problems = []
        for keyword, wanted in schema.items():
            rule = getattr(self, "rule_" + re.sub(r"\W", "", keyword), None)
            if rule:
                problems += rule(value, wanted, schema, path)
            elif keyword not in self.SILENT and not keyword.startswith("x-"):
                self.unknown.add(keyword)
        if "if" in schema:
            branch = "else" if self.check(value, schema["if"], path) else "then"
            problems += self.check(value, schema.get(branch, True), path)
        return problems

    def rule_type(self, value, wanted, _, path):
        names = wanted if isinstance(wanted, list) else [wanted]
        return [] if any(has_type(value, name) for name in names) else [f"{path}: expected {' or '.join(names)}"]

    def rule_enum(self, value, wanted, _, path):
        return [] if value in wanted else [f"{path}: {value!r} is none of {wanted}"]

    def rule_const(self, value, wanted, _, path):
        return [] if value == wanted else [f"{path}: expected {wanted!r}"]

    def rule_required(self, value, wanted, _, path):
        return [f"{path}: {name} is missing" for name in wanted if name not in value] if isinstance(value, dict) else []

    def rule_properties(self, value, wanted, _, path):
        if not isinstance(value, dict):
            return []
        return [p for name, schema in wanted.items() if name in value for p in self.check(value[name], schema, f"{path}.{name}")]

    def rule_patternProperties(self, value, wanted, _, path):
        if not isinstance(value, dict):
            return []
        return [p for pattern, schema in wanted.items() for name in value if re.search(pattern, name)
                for p in self.check(value[name], schema, f"{path}.{name}")]

    def rule_additionalProperties(self, value, wanted, schema, path):
        if not isinstance(value, dict):
            return []
        patterns = schema.get("patternProperties", {})
        extra = [name for name in value
                 if name not in schema.get("properties", {}) and not any(re.search(p, name) for p in patterns)]
        return [p for name in extra for p in self.check(value[name], wanted, f"{path}.{name}")]

    def rule_propertyNames(self, value, wanted, _, path):
        return [p for name in value for p in self.check(name, wanted, f"{path}.{name}")] if isinstance(value, dict) else []

    def rule_minProperties(self, value, wanted, _, path):
        return [f"{path}: fewer than {wanted} entries"] if isinstance(value, dict) and len(value) < wanted else []

    def rule_maxProperties(self, value, wanted, _, path):
        return [f"{path}: more than {wanted} entries"] if isinstance(value, dict) and len(value) > wanted else []

    def rule_items(self, value, wanted, _, path):
        if not isinstance(value, list):
            return []
        schemas = wanted if isinstance(wanted, list) else [wanted] * len(value)
        return [p for at, (one, schema) in enumerate(zip(value, schemas)) for p in self.check(one, schema, f"{path}[{at}]")]

    def rule_minItems(self, value, wanted, _, path):
        return [f"{path}: fewer than {wanted} items"] if isinstance(value, list) and len(value) < wanted else []

    def rule_maxItems(self, value, wanted, _, path):
        return [f"{path}: more than {wanted} items"] if isinstance(value, list) and len(value) > wanted else []

    def rule_uniqueItems(self, value, wanted, _, path):
        if not wanted or not isinstance(value, list):
            return []
        texts = [json.dumps(one, sort_keys=True) for one in value]
        return [] if len(set(texts)) == len(texts) else [f"{path}: items repeat"]

    def rule_minLength(self, value, wanted, _, path):
        return [f"{path}: shorter than {wanted}"] if isinstance(value, str) and len(value) < wanted else []

    def rule_maxLength(self, value, wanted, _, path):
        return [f"{path}: longer than {wanted}"] if isinstance(value, str) and len(value) > wanted else []

    def rule_minimum(self, value, wanted, _, path):
        return [f"{path}: less than {wanted}"] if has_type(value, "number") and value < wanted else []

    def rule_maximum(self, value, wanted, _, path):
        return [f"{path}: more than {wanted}"] if has_type(value, "number") and value > wanted else []

    def rule_regex(self, value, wanted, schema, path):  # what one place of it says for "pattern"
        return self.rule_pattern(value, wanted, schema, path)

    def rule_pattern(self, value, wanted, _, path):
        return [f"{path}: does not match {wanted}"] if isinstance(value, str) and not re.search(wanted, value) else []

    def rule_allOf(self, value, wanted, _, path):
        return [p for schema in wanted for p in self.check(value, schema, path)]

    def rule_anyOf(self, value, wanted, _, path):
        tries = [self.check(value, schema, path) for schema in wanted]
        return [] if any(not one for one in tries) else min(tries, key=len)

    def rule_oneOf(self, value, wanted, _, path):
        tries = [self.check(value, schema, path) for schema in wanted]
        fits = sum(1 for one in tries if not one)
        if fits == 1:
            return []
        return [f"{path}: fits {fits} of the alternatives"] if fits else min(tries, key=len)

    def rule_not(self, value, wanted, _, path):
        return [] if self.check(value, wanted, path) else [f"{path}: must not be like that"]

    def rule_dependencies(self, value, wanted, _, path):
        if not isinstance(value, dict):
            return []
        problems = []
        for name, needs in wanted.items():
            if name not in value:
                continue
            if isinstance(needs, list):
                problems += [f"{path}: {name} needs {other}" for other in needs if other not in value]
            else:
                problems += self.check(value, needs, path)
        return problems


def names_and_scopes(manifest):
    scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    events = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
    problems = [f"scope {scope}: not on our list" for scope in scopes if scope not in SCOPES]
    problems += [f"scope {scope}: on our list, not in the manifest" for scope in sorted(SCOPES) if scope not in scopes]
    problems += [f"{kind} repeat" for kind, all_of in (("scopes", scopes), ("events", events)) if len(set(all_of)) != len(all_of)]
    for event in events:
        if event not in EVENTS:
            problems.append(f"event {event}: not on our list")
            continue
        problems += [f"event {event}: needs the scope {scope}" for scope in EVENTS[event] if scope not in scopes]
    problems += [f"event {event}: on our list, not in the manifest" for event in sorted(EVENTS) if event not in events]
    return problems


def parts_and_routes(manifest, routes):
    features = manifest.get("features", {})
    commands = {command["command"] for command in features.get("slash_commands", [])}
    shortcuts = {shortcut["callback_id"] for shortcut in features.get("shortcuts", [])}
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"]) - HOUSE_KEEPING
    if MESSAGES & events:
        events = (events - MESSAGES) | MESSAGE_ROUTES
    problems = []
    for kind, told in (("command", commands), ("shortcut", shortcuts), ("event", events)):
        routed = {route.split(" ", 1)[1] for route in routes if route.startswith(kind + " ")}
        problems += [f"{kind} {name}: in the manifest, but nothing answers to it" for name in sorted(told - routed)]
        if kind == "event":
            routed -= HOUSE_KEEPING
        problems += [f"{kind} {name}: the program answers to it, but it is not in the manifest" for name in sorted(routed - told)]
    if not manifest["settings"].get("interactivity", {}).get("is_enabled"):
        problems.append("interactivity must be enabled: buttons and forms")
    if not manifest["settings"].get("socket_mode_enabled"):
        problems.append("socket mode must be enabled")
    if not features.get("app_home", {}).get("home_tab_enabled"):
        problems.append("the Home tab must be enabled: the queue is shown there")
    if not features.get("app_home", {}).get("messages_tab_enabled"):
        problems.append("the messages tab must be enabled: direct messages go there")
    return problems


def find_program():
    for name in ("release", "dev"):
        program = ROOT / "build" / name / "escalationd"
        if program.exists():
            return program
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--manifest", type=pathlib.Path, default=ROOT / "slack_manifest.json")
    parser.add_argument("--program", type=pathlib.Path, default=find_program())
    parser.add_argument("--schema", type=pathlib.Path, default=SCHEMA)
    arguments = parser.parse_args()

    manifest = json.loads(arguments.manifest.read_text())
    problems = names_and_scopes(manifest)
    if arguments.program:
        told = subprocess.run([arguments.program, "check", "--routes"], capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin"}, check=False)
        if told.returncode != 0:
            problems.append(f"{arguments.program} check --routes: {told.stderr.strip()}")
        else:
            problems += parts_and_routes(manifest, told.stdout.splitlines())
    else:
        problems.append("no escalationd to ask for its routes: build it, or name it with --program")
    if arguments.schema.exists():
        schema = Schema(json.loads(arguments.schema.read_text()))
        problems += schema.check(manifest, schema.root)
        problems += [f"the schema uses the keyword {keyword}, which this script does not know" for keyword in sorted(schema.unknown)]
    else:
        print(f"ATTENTION: {arguments.schema} is not there: slack_manifest.json was NOT checked against Slack's schema.",
              file=sys.stderr)
    for problem in problems:
        print(f"{arguments.manifest.name}: {problem}", file=sys.stderr)
    print(f"{arguments.manifest.name}: {'in order' if not problems else f'{len(problems)} problems'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
