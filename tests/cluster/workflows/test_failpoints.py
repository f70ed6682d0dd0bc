"""Failpoints: where they fire, how often, and what they do there."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cluster.workflows.failpoints import SimulatedCrash, failpoint


@pytest.fixture
def armed(settings: Any, tmp_path: Path) -> Path:
    """A failpoint file that crashes at ``create.found.act``."""
    path = tmp_path / "failpoint"
    path.write_text("create.found.act:raise\n")
    settings.FAILPOINTS = path
    return path


@pytest.mark.usefixtures("armed")
def test_failpoint_fires_where_the_file_says() -> None:
    with pytest.raises(SimulatedCrash):
        failpoint("create.found.act")


def test_failpoint_passes_everywhere_else(armed: Path) -> None:
    failpoint("create.found.after")
    assert armed.exists()


def test_failpoint_fires_once(armed: Path) -> None:
    with pytest.raises(SimulatedCrash):
        failpoint("create.found.act")
    failpoint("create.found.act")
    assert not armed.exists()


def test_no_failpoint_exists_in_production(armed: Path, settings: Any) -> None:
    settings.FAILPOINTS = None
    failpoint("create.found.act")
    assert armed.exists()


def test_crash_escapes_whoever_catches_exceptions() -> None:
    assert not issubclass(SimulatedCrash, Exception)


def test_killing_failpoint_kills_its_own_process(tmp_path: Path) -> None:
    path = tmp_path / "failpoint"
    path.write_text("here:kill")
    program = (
        "from django.conf import settings; from pathlib import Path;"
        f"settings.configure(FAILPOINTS=Path({str(path)!r}));"
        "from cluster.workflows.failpoints import failpoint; failpoint('here')"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("sign", ["", "-"])
def test_failpoint_kills_another_process_or_its_group(
    settings: Any, tmp_path: Path, sign: str
) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as victim:
        settings.FAILPOINTS = tmp_path / "failpoint"
        settings.FAILPOINTS.write_text(f"here:kill:{sign}{victim.pid}")
        failpoint("here")
        assert victim.wait(timeout=10) == -signal.SIGKILL
