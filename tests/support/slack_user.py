"""The fake Slack as its people see it: what they do (user side) and what they read (Web API with their own token).

Nothing here knows the bot. Used by the demo scene, the crash tests and the wire tests. Python 3.11 standard library only.
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request


class SlackError(Exception):
    """The fake refused what a person tried, with its own sentence."""


class Workspace:
    """One fake Slack: `facts` is the JSON line that fake_slack prints when it is ready."""

    def __init__(self, facts):
        self.address = f"http://127.0.0.1:{facts['port']}"
        self.people = {handle.lstrip("@"): person for handle, person in facts["people"].items()}
        self.channels = {name.lstrip("#"): channel for name, channel in facts["channels"].items()}
        self.names = {person: handle for handle, person in self.people.items()}
        self.channel_names = {channel: name for name, channel in self.channels.items()}

    def do(self, action, **arguments):
        """A person acts. Raises SlackError with the fake's sentence when Slack's client would not allow it."""
        return self._post(f"/user/{action}", arguments)

    def control(self, action, **arguments):
        return self._post(f"/control/{action}", arguments)

    def _post(self, path, arguments):
        request = urllib.request.Request(
            self.address + path, json.dumps(arguments).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as error:
            body = json.loads(error.read() or b"{}")
        if isinstance(body, dict) and body.get("ok") is False:
            raise SlackError(f"{path} {arguments}: {body.get('error')}")
        return body

    def read(self, method, person, **arguments):
        """A Web API read with that person's token: they see what they may see."""
        request = urllib.request.Request(
            f"{self.address}/api/{method}", urllib.parse.urlencode(arguments).encode(),
            {"Authorization": f"Bearer xoxp-{self.people[person]}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = json.load(answer)
        if not body.get("ok"):
            raise SlackError(f"{method} {arguments}: {body.get('error')}")
        return body

    def history(self, channel, person="max"):
        """conversations.history, oldest first, each parent with its replies under "replies"."""
        channel = self.channels.get(channel.lstrip("#"), channel)
        messages = []
        for message in reversed(self.read("conversations.history", person, channel=channel, limit=200)["messages"]):
            if message.get("reply_count") or message.get("thread_ts") == message["ts"]:
                replies = self.read("conversations.replies", person, channel=channel, ts=message["ts"], limit=200)["messages"]
                message["replies"] = [reply for reply in replies if reply["ts"] != message["ts"]]
            messages.append(message)
        return messages

    def direct_messages(self, person):
        """The bot's DM with that person, oldest first."""
        return sorted(self.do("dms", user=self.people[person])["messages"], key=lambda message: message["ts"])

    def ephemerals(self, person):
        return self.do("ephemerals", user=self.people[person])["messages"]

    # --- text as a person reads it ---------------------------------------------------------------------------------

    def readable(self, text):
        """Slack markup to what the client shows."""
        text = re.sub(r"<@([UW][A-Z0-9]+)(\|[^>]*)?>", lambda m: "@" + self.names.get(m[1], m[1]), text)
        text = re.sub(r"<#([CG][A-Z0-9]+)(\|[^>]*)?>", lambda m: "#" + self.channel_names.get(m[1], m[1]), text)
        text = re.sub(r"<!date\^(\d+)\^[^|>]*\|[^>]*>",
                      lambda m: time.strftime("%H:%M:%S", time.localtime(int(m[1]))), text)
        text = re.sub(r"<(?:https?|mailto):[^|>]*\|([^>]*)>", r"\1", text)
        text = re.sub(r"<((?:https?|mailto):[^>]*)>", r"\1", text)
        text = text.replace("\u200b", "")
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def lines(self, message):
        """A message as lines of text: blocks when there are any, else its text."""
        result = []
        for block in message.get("blocks") or []:
            kind = block["type"]
            if kind in ("header", "section") and "text" in block:
                result += self.readable(block["text"]["text"]).splitlines()
            elif kind == "context":
                result += "  ".join(self.readable(part.get("text", "")) for part in block["elements"]).splitlines()
            elif kind == "actions":
                result.append(" ".join(f"[{element['text']['text']}]" for element in block["elements"]))
            elif kind == "divider":
                result.append("---")
        return result or self.readable(message.get("text", "")).splitlines()

    def text(self, message):
        return "\n".join(self.lines(message))

    def author(self, message):
        return "Escalations" if message.get("bot_id") else "@" + self.names.get(message.get("user", ""), "?")

    def show(self, message, indent=""):
        """Printable: author and lines, replies indented."""
        head = f"{indent}{self.author(message)}:"
        body = [f"{indent}    {line}" for line in self.lines(message)]
        reactions = " ".join(f":{r['name']}: {r['count']}" for r in message.get("reactions", []))
        if reactions:
            body.append(f"{indent}    {reactions}")
        for reply in message.get("replies", []):
            body += self.show(reply, indent + "    ↳ ").splitlines()
        return "\n".join([head, *body])


def wait_for(what, look, seconds):
    """Asks `look()` until it gives something true; AssertionError that names `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"did not see {what} within {seconds:.0f} s")
        time.sleep(0.05)
