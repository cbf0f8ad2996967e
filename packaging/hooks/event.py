"""What the hooks beside this file share: the events that they are given, and words for them.

sophtron-sync writes one event as JSON to a hook's stdin; the files that its path units look at
hold the last event of each family, as {"version": 1, "events": [...]}. Both are read here.
"""

import json
import os
import sys

# Exit codes of the hooks, as of sophtron-sync itself.
FAILED = 1
WRONG_USAGE = 2
TRY_LATER = 75
WRONG_SETUP = 78

# What a row can do, in the order of telling.
NEWS = ("added", "changed", "vanished")


def fail(code, *lines):
    """Ends the hook with what happened and what to do."""
    name = os.path.basename(sys.argv[0])
    print(f"{name}: " + "\n  ".join(lines), file=sys.stderr)
    sys.exit(code)


def read_events():
    """The events on stdin, oldest first."""
    try:
        told = json.load(sys.stdin.buffer)
        events = told["events"] if "events" in told else [told]
        version = told["version"]
        events.sort(key=lambda event: event["at"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fail(WRONG_USAGE, f"no event of sophtron-sync on stdin ({error!r})")
    if version != 1:
        fail(WRONG_SETUP, f"events of version {version} are not known: install the hooks anew")
    return events


def newest(events):
    """The event that came last, or None."""
    return events[-1] if events else None


def headline(event):
    """One line: whose news it is, and which."""
    who = event.get("family") or "sophtron-sync"
    return one_line(f"{who}: {_news(event)}", 120)


def _news(event):
    accounts = event.get("accounts") or []
    if event["event"] == "ok":
        return "all is well"
    if event["event"] == "change":
        return _rows(accounts)
    trouble = ", ".join(_trouble(account) for account in accounts) or "needs its owner"
    return f"solved: {trouble}" if event.get("solved") else trouble


def _rows(accounts):
    """How many rows came, and into which accounts."""
    sums = {kind: sum(account.get(kind) or 0 for account in accounts) for kind in NEWS}
    counts = ", ".join(f"{count} {kind}" for kind, count in sums.items() if count)
    if not counts:
        return "files written anew"
    names = [account["name"] for account in accounts if any(account.get(kind) for kind in NEWS)]
    where = ", ".join(names) if len(names) <= 3 else f"{len(names)} accounts"
    return f"{counts} in {where}"


def _trouble(account):
    """An account's trouble: its state, or the message of one that is well otherwise.

    What has an absolute path for its name is a file of the owner's: edited, or a configuration.
    """
    name, state, message = account["name"], account["state"], account.get("message")
    is_file = name.startswith("/")
    name = os.path.basename(name) if is_file else name
    return f"{name}: {message}" if message and (is_file or state == "ok") else f"{name} {state}"


def details(event):
    """What is to be told of each account, a paragraph each."""
    return "\n\n".join(_paragraph(account) for account in event.get("accounts") or [])


def _paragraph(account):
    counts = [f"{account[kind]} {kind}" for kind in NEWS if account.get(kind)]
    first = ", ".join([f"{account['name']}: {account['state']}", *counts])
    if account.get("balance") is not None:
        first += f", balance {account['balance']}"
    return "\n  ".join([first] + [line for line in (account.get("message"), account.get("help")) if line])


def one_line(text, limit):
    """A text without line breaks, cut at a number of characters."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
