"""A host's state directory: the slow, equal parts are made once, keys and certificate on each."""

import json
import re
import secrets
import shutil
from pathlib import Path

from tests.lab.host import Host, expect
from tests.lab.machine import Machine


def make_template(machine: Machine, *, into: Path) -> None:
    """Prepare a state directory by the product's own command, and keep what hosts can share."""
    said = machine.exec(
        *("env", f"FLOTILLA_STATE_DIR={into}", "python", "-m", "config.prepare"), timeout=180
    ).stdout
    found = re.search(r"Password:\s+(\S+)", said)
    if not found:
        raise RuntimeError(f"config.prepare showed no password:\n{said}")
    (into / "shown-password").write_text(found[1])


def prepare(host: Host, *, template: Path) -> None:
    """A new state directory: the template's database, and secrets of its own."""
    if host.state_dir.exists():
        shutil.rmtree(host.state_dir)
    host.forget_token()
    host.state_dir.mkdir(mode=0o750)
    shutil.copy(template / "db.sqlite3", host.state_dir)
    host.exec("python", "-c", "from config import prepare; prepare.prepare_files()")


def set_password(host: Host, *, template: Path) -> None:
    """Do the first administrator's first login and forced change, through the API."""
    username, password = "admin", secrets.token_urlsafe(15)
    shown = (template / "shown-password").read_text()
    token = host.log_in(username=username, password=shown)["token"]
    change = {"current_password": shown, "new_password": password}
    expect(host.request("POST", "/api/v1/account/password/", change, token=token), 200, 204)
    account = {"username": username, "password": password}
    (host.directory / "administrator.json").write_text(json.dumps(account))
