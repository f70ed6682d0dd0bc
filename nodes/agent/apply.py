"""``apply-vpn-routes``: asks the agent to make the VPN match the cluster now, and prints what it
is.
"""

import argparse
import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes.agent.config import Config, ConfigError

SECONDS = 15.0
GOOD = ("up", "down")
NOT_GOOD, NOT_DONE = 1, 2


class NotDone(Exception):
    """The sentence for the person at the keyboard."""


def main(*, say: Callable[[str], object] = print, is_root: bool | None = None) -> int:
    """Ask and print: 0 when the VPN is as it should be, 1 when not, 2 when nobody answered."""
    parser = argparse.ArgumentParser(prog="apply-vpn-routes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the agent's answer as JSON")
    as_json = parser.parse_args().json
    try:
        if not (os.geteuid() == 0 if is_root is None else is_root):
            raise NotDone("Run this as root.")
        answer = reconcile(Config.from_environment().socket)
    except (ConfigError, NotDone) as error:
        say(json.dumps({"error": str(error)}) if as_json else str(error))
        return NOT_DONE
    say(json.dumps(answer) if as_json else describe(answer))
    return 0 if answer["vpn"]["state"] in GOOD else NOT_GOOD


def reconcile(path: Path) -> dict[str, Any]:
    """The agent's answer; raises NotDone."""
    connection = http.client.HTTPConnection("agent", timeout=SECONDS)
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(SECONDS)
        connection.sock.connect(str(path))
        connection.request("POST", "/v1/reconcile", "{}", {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDone(f"The agent does not answer at {path} ({error}). Is it running?") from error
    finally:
        connection.close()
    if "vpn" not in answer:
        raise NotDone(str(answer.get("detail", answer)))
    return answer


def describe(answer: dict[str, Any]) -> str:
    """What the VPN is, for people."""
    vpn = answer["vpn"]
    if vpn["state"] != "up":
        return str(vpn["reason"])
    lines = [f"The VPN is up on {vpn['interface']}, generation {answer['applied_generation']}."]
    return "\n".join([*lines, *(_peer(peer) for peer in vpn["peers"])])


def _peer(peer: dict[str, Any]) -> str:
    where = peer["endpoint"] or "no endpoint"
    if not peer["last_handshake"]:
        return f"  node {peer['node_id']}  {where}  no handshake yet"
    age = max(0, round(time.time() - peer["last_handshake"]))
    return f"  node {peer['node_id']}  {where}  last handshake {age} s ago"


if __name__ == "__main__":
    sys.exit(main())
