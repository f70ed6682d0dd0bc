"""The agent as a process of its own: start, stop, logs, and one for each node."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import apply
from nodes.agent.__main__ import INTERNAL_ERROR
from nodes.local_agent import AgentUnavailable, SocketAgent
from tests.lab.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]


def start(state_dir: Path, *prefix: str, **settings: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "FLOTILLA_STATE_DIR": str(state_dir), **settings}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "nodes.agent", "run"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """An uninitialised agent: it makes no interface."""
    yield from started(tmp_path)


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The same in a user namespace where it is nobody."""
    yield from started(tmp_path, "unshare", "--user")


def started(state_dir: Path, *prefix: str) -> Iterator["subprocess.Popen[str]"]:
    process = start(state_dir, *prefix, FLOTILLA_FQDN="node1.example.org")
    eventually(lambda: answers(state_dir), within=10, every=0.02)
    yield process
    process.kill()
    process.communicate()


def answers(state_dir: Path) -> bool:
    try:
        SocketAgent(state_dir / "run" / "agent.sock").status()
    except AgentUnavailable:
        return False
    return True


def log_of(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    process.send_signal(signal.SIGTERM)
    _, text = process.communicate(timeout=10)
    return [json.loads(line) for line in text.splitlines()]


def test_agent_answers_and_stops_within_two_seconds(
    running: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert SocketAgent(tmp_path / "run" / "agent.sock").status()["fqdn"] == "node1.example.org"
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=2) == 0


def test_log_is_one_json_object_a_line(running: "subprocess.Popen[str]") -> None:
    lines = log_of(running)
    assert [line["event"] for line in lines] == ["agent_started", "agent_stopped"]
    assert set(lines[0]) >= {"event", "level", "logger", "timestamp", "fqdn", "version"}


def test_without_root_the_vpn_is_off_and_says_why(
    unprivileged: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    agent = SocketAgent(tmp_path / "run" / "agent.sock")
    vpn = agent.reconcile()["vpn"]
    assert (vpn["state"], vpn["reason"]) == (
        "off",
        "The VPN is off: the agent does not run as root.",
    )
    assert "does not run as root" in str(log_of(unprivileged))


def test_second_agent_of_the_same_node_is_refused(
    running: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    second = start(tmp_path)
    assert second.wait(timeout=10) == 1
    assert "Another agent runs" in log_of(second)[0]["detail"]
    assert SocketAgent(tmp_path / "run" / "agent.sock").status()


def test_senseless_settings_are_said_in_one_line(tmp_path: Path) -> None:
    process = start(tmp_path, FLOTILLA_VPN_PORT="70000")
    assert process.wait(timeout=10) == 1
    assert "FLOTILLA_VPN_PORT" in log_of(process)[0]["detail"]


def test_agent_without_one_of_its_threads_ends(tmp_path: Path) -> None:
    """Its supervisor starts it again, whole."""
    code = (
        "import threading\n"
        "from nodes.agent import log\n"
        "from nodes.agent.__main__ import end_with_thread\n"
        "log.configure()\n"
        "threading.excepthook = end_with_thread\n"
        "thread = threading.Thread(target=lambda: 1 / 0)\n"
        "thread.start()\n"
        "thread.join()\n"
        "threading.Event().wait(10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=10
    )
    assert done.returncode == INTERNAL_ERROR
    line = json.loads(done.stderr)
    assert line["event"] == "thread_failed"
    assert "ZeroDivisionError" in line["exception"]


# apply-vpn-routes


def applied(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(ROOT / "bin" / "apply-vpn-routes"), *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=20,
    )


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="the command is for root")


@needs_root
def test_command_says_what_the_vpn_is(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    done = applied(FLOTILLA_STATE_DIR=str(tmp_path))
    assert done.returncode == 0
    assert done.stdout == "This node belongs to no cluster.\n"


@needs_root
def test_command_speaks_json(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    done = applied("--json", FLOTILLA_STATE_DIR=str(tmp_path))
    assert json.loads(done.stdout)["vpn"]["state"] == "down"


@needs_root
def test_command_without_an_agent_fails_with_a_sentence(tmp_path: Path) -> None:
    done = applied(FLOTILLA_STATE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "The agent does not answer" in done.stdout
    assert done.stderr == ""


def test_command_is_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(sys, "argv", ["apply-vpn-routes"])
    assert apply.main(say=said.append, is_root=False) == 2
    assert said == ["Run this as root."]


def test_peers_are_told_with_the_age_of_their_handshake() -> None:
    peer = {"node_id": 1, "endpoint": "192.0.2.1:55820", "last_handshake": time.time() - 5}
    silent = {"node_id": 3, "endpoint": "", "last_handshake": 0}
    vpn = {"state": "up", "interface": "wg0", "peers": [peer, silent]}
    assert apply.describe({"vpn": vpn, "applied_generation": 7}).splitlines() == [
        "The VPN is up on wg0, generation 7.",
        "  node 1  192.0.2.1:55820  last handshake 5 s ago",
        "  node 3  no endpoint  no handshake yet",
    ]
