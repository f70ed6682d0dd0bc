"""``make run`` as its first user meets it: a fresh clone, a browser, a cluster."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.watching import PASSWORD, launch, log_in, watched_page
from tests.lab import namespaces
from tests.lab.waiting import eventually

PROJECT = Path(__file__).resolve().parents[2]
NAMESPACE = "flotilla-make-run"
STOP_SECONDS = 5

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Started:
    """What ``make run`` printed, and its process."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self, pattern: str) -> str:
        """What it printed after a label; waits for it."""
        found = eventually(lambda: re.search(pattern, self.output.read_text()), within=120)
        assert found is not None
        return str(found.group(1))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone with its dependencies, which come from the package registry."""
    path = tmp_path_factory.mktemp("fresh") / "flotilla"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(path)], check=True)
    subprocess.run(["make", "--silent", "setup"], cwd=path, check=True, env=_environment())
    return path


@pytest.fixture(scope="module")
def started(clone: Path) -> Iterator[Started]:
    """``make run`` on a machine of its own: nothing else is in its network."""
    if os.geteuid() != 0:
        pytest.fail("This test needs root: it makes a network namespace.")
    namespaces.run("ip", "netns", "add", NAMESPACE)
    namespaces.run("ip", "-n", NAMESPACE, "link", "set", "lo", "up")
    output = clone.parent / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["ip", "netns", "exec", NAMESPACE, "make", "--silent", "run"],
            cwd=clone,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield Started(process, output)
    namespaces.kill_all(NAMESPACE)
    process.wait()
    namespaces.delete(NAMESPACE)
    shutil.rmtree(clone.parent)


def _environment() -> dict[str, str]:
    """A new user's: nothing of ours, and a name for the machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLOTILLA_", "DJANGO_", "MAKE", "VIRTUAL_ENV", "PYTEST"))
    }
    return kept | {"FLOTILLA_FQDN": "node1.example.org"}


def test_fresh_clone_leads_a_cluster_after_a_log_in(
    started: Started, playwright: Playwright, tmp_path: Path
) -> None:
    """S2, S9: run, log in with the password shown once, choose another, create, be online."""
    password = started.said(r"Password:\s+(\S+)")
    url = started.said(r"here: (\S+)\)")
    chromium = tmp_path / "chromium"
    chromium.write_text(f'#!/bin/sh\nexec ip netns exec {NAMESPACE} /usr/bin/chromium "$@"\n')
    chromium.chmod(0o755)
    with (
        closing(launch(playwright, chromium)) as browser,
        watched_page(browser, hosts=lambda name: name == "127.0.0.1") as page,
    ):
        log_in(page, url, username="admin", password=password)
        page.get_by_label("Current password").fill(password)
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        page.get_by_label("New password, once more").fill(PASSWORD)
        page.get_by_role("button", name="Set password").click()
        page.get_by_role("link", name="Create cluster").click()
        page.get_by_label("Label of the cluster").fill("Home")
        page.get_by_role("button", name="Create cluster").click()
        page.get_by_label("I have stored the recovery key").check()
        page.get_by_role("button", name="Go on").click()
        page.goto(f"{url}nodes/")
        row = page.get_by_role("row").filter(has_text="node1.example.org")
        expect(row.get_by_text("Online")).to_be_visible(timeout=20_000)
        expect(row.get_by_text("Leader")).to_be_visible()


def test_crashed_process_comes_back_and_ctrl_c_stops_all(started: Started) -> None:
    """One crashed process is started again; Ctrl-C stops everything within five seconds."""
    started.said(r"(Ctrl-C)")
    celery = eventually(lambda: _pids("config.celery"), within=20)
    assert celery
    os.kill(celery[0], signal.SIGKILL)
    eventually(lambda: set(_pids("config.celery")) - set(celery), within=10)
    stopped_at = time.monotonic()
    os.killpg(started.process.pid, signal.SIGINT)
    eventually(lambda: not namespaces.processes(NAMESPACE), within=STOP_SECONDS, every=0.05)
    assert time.monotonic() - stopped_at < STOP_SECONDS


def _pids(word: str) -> list[int]:
    """Processes of the namespace with a word in their command line."""
    found = namespaces.processes(NAMESPACE)
    return [pid for pid in found if word in Path(f"/proc/{pid}/cmdline").read_text()]
