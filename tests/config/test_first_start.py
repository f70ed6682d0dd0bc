"""What is asked of a machine before the processes of a node start there."""

import shlex
import socket
from collections import namedtuple
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from config import environment, prepare, supervise

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of a name that people give, with nothing in it."""
    state = tmp_path / "my 100% servers"
    (state / "run").mkdir(parents=True)
    monkeypatch.setattr(environment, "STATE_DIR", state)
    monkeypatch.setattr(environment, "NODE_FILE", state / "node" / "node.json")
    monkeypatch.setattr(environment, "TLS_CERT_PATH", state / "tls" / "cert.pem")
    monkeypatch.setattr(environment, "TLS_KEY_PATH", state / "tls" / "key.pem")
    return state


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    usage: Any = Usage(size, 0, size)
    monkeypatch.setattr("config.prepare.shutil.disk_usage", lambda path: usage)


def test_directory_may_have_any_name(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "EMBEDDED_BROKER", True)
    monkeypatch.setattr(environment, "EMBEDDED_BROKER_SOCKET", state / "run" / "broker.sock")
    read = ConfigParser(interpolation=None)

    read.read_string(supervise.configuration())

    command = shlex.split(read["program:broker"]["command"].replace("%%", "%"))
    assert command[command.index("--unixsocket") + 1] == str(state / "run" / "broker.sock")
    assert read["program:web"]["stdout_logfile"] == f"{state}/log/web.log".replace("%", "%%")


def test_one_state_is_run_once(state: Path) -> None:
    with supervise._holding_state(), pytest.raises(SystemExit, match="runs already"):
        supervise.supervise()

    with supervise._holding_state():
        pass


@pytest.mark.parametrize("given", ["nonsense", "8443x", "0.0.0.0:", "0.0.0.0:65536", ":0"])
def test_address_without_a_port_is_named(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "LISTEN", given)

    with pytest.raises(SystemExit, match="FLOTILLA_LISTEN"):
        supervise._check_port()


def test_port_that_is_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        address = f"127.0.0.1:{used.getsockname()[1]}"
        monkeypatch.setattr(environment, "LISTEN", address)

        with pytest.raises(SystemExit, match=f"Cannot listen on {address}"):
            supervise._check_port()


def test_new_node_does_not_start_on_a_disk_that_is_full(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, 5_000_000)

    with pytest.raises(SystemExit, match="needs 100 MB"):
        prepare.prepare_files()

    assert not (state / "secrets").exists()


def test_node_with_a_full_disk_starts_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 0)
    environment.NODE_FILE.parent.mkdir()
    environment.NODE_FILE.write_text("{}")

    prepare.prepare_files()

    assert (state / "secrets").exists()
