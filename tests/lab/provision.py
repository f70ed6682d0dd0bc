"""A host's state directory: the slow, equal parts are made once, keys and certificate on each."""

import fcntl
import json
import re
import secrets
import shutil
from pathlib import Path

from tests.lab.host import Host, expect
from tests.lab.machine import Machine

DATABASE, SHOWN_PASSWORD = "db.sqlite3", "shown-password"


def make_template(machine: Machine, *, into: Path) -> None:
    """Prepare a state directory by the product's own command, and keep what hosts can share."""
    said = machine.exec(
        *("env", f"FLOTILLA_STATE_DIR={into}", "python", "-m", "config.prepare"), timeout=180
    ).stdout
    found = re.search(r"Password:\s+(\S+)", said)
    if not found:
        raise RuntimeError(f"config.prepare showed no password:\n{said}")
    (into / SHOWN_PASSWORD).write_text(found[1])


def copy_template(machine: Machine, *, kept: Path, into: Path) -> None:
    """Take what another lab has made, also in another process; whoever comes first makes it."""
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / SHOWN_PASSWORD).exists():
            shutil.rmtree(kept, ignore_errors=True)  # of a process that did not get to its end
            make_template(machine, into=kept)
    into.mkdir()
    for name in (DATABASE, SHOWN_PASSWORD):
        shutil.copy(kept / name, into)


def prepare(host: Host, *, template: Path) -> None:
    """A new state directory: the template's database, and secrets of its own."""
    if host.state_dir.exists():
        shutil.rmtree(host.state_dir)
    host.forget_token()
    host.state_dir.mkdir(mode=0o750)
    shutil.copy(template / DATABASE, host.state_dir)
    host.exec("python", "-c", "from config import prepare; prepare.prepare_files()")


def set_password(host: Host, *, template: Path) -> None:
    """Do the first administrator's first login and forced change, through the API."""
    username, password = "admin", secrets.token_urlsafe(15)
    shown = (template / SHOWN_PASSWORD).read_text()
    token = host.log_in(username=username, password=shown)["token"]
    change = {"current_password": shown, "new_password": password}
    expect(host.request("POST", "/api/v1/account/password/", change, token=token), 200, 204)
    account = {"username": username, "password": password}
    (host.directory / "administrator.json").write_text(json.dumps(account))
