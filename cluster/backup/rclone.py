"""Destinations elsewhere, by rclone.

Its settings travel in the environment of its process, which its owner and root alone can read: no
secret is in an argument, and none is left on disk by a crash.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cluster.backup.destinations import Destination, Kind
from cluster.errors.backup import BackupDestinationFailed, RcloneMissing

REMOTE = "flotilla"
PREFIX = f"RCLONE_CONFIG_{REMOTE.upper()}_"
OPTIONS = ("--retries=2", "--low-level-retries=3", "--contimeout=10s", "--timeout=60s")
SECONDS = 3 * 3600
"""Longer than any step may take: the step ends it."""
LONGEST_PROBLEM = 300
TIMESTAMP = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (\w+ *: )?")
Obscure = Callable[[str], str]


class RcloneDepot:
    """A directory elsewhere."""

    def __init__(self, destination: Destination, *, seconds: float = SECONDS) -> None:
        self._program = find_program()
        self._destination = destination
        self._seconds = seconds

    def put(self, file: Path) -> None:
        """rclone compares what arrived with what was sent."""
        self._run("copyto", str(file), self._at(file.name))

    def names(self) -> list[str]:
        return self._run("lsf", "--files-only", self._at("")).splitlines()

    def remove(self, name: str) -> None:
        self._run("deletefile", self._at(name))

    def _at(self, name: str) -> str:
        given = self._destination.settings
        path = given.get("path", "").rstrip("/")
        if self._destination.kind != Kind.SFTP:  # there alone a slash begins another path
            path = path.lstrip("/")
        folder = "/".join(filter(None, (given.get("bucket", ""), path)))
        return f"{REMOTE}:{folder}/{name}" if folder else f"{REMOTE}:{name}"

    def _run(self, *arguments: str) -> str:
        with tempfile.TemporaryDirectory(prefix="flotilla-rclone-") as folder:
            environment = self._environment(Path(folder))
            try:
                ended = subprocess.run(
                    [self._program, *arguments, *OPTIONS],
                    env=environment,
                    capture_output=True,
                    encoding="utf-8",
                    errors="replace",  # what a server says is in whatever it likes
                    timeout=self._seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise BackupDestinationFailed(problem="It does not answer in time.") from None
        if ended.returncode:
            raise BackupDestinationFailed(problem=_problem(ended.stderr))
        return ended.stdout

    def _environment(self, folder: Path) -> dict[str, str]:
        """No setting of whoever runs this process counts, and no configuration file."""
        own = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        settings = _settings(self._destination, obscure=self._obscure, folder=folder)
        given = {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
        return own | {"HOME": str(folder), "RCLONE_CONFIG": ""} | given

    def _obscure(self, password: str) -> str:
        """The spelling that rclone wants passwords in; it protects nothing."""
        ended = subprocess.run(
            [self._program, "obscure", "-"], input=password, capture_output=True, text=True
        )
        return ended.stdout.strip()


def find_program() -> str:
    """Raises ``RcloneMissing``."""
    program = shutil.which("rclone")
    if program is None:
        raise RcloneMissing
    return program


def _settings(destination: Destination, *, obscure: Obscure, folder: Path) -> Mapping[str, str]:
    given, secret = destination.settings, destination.secret
    match destination.kind:
        case Kind.SFTP:
            return {
                "type": "sftp",
                "shell_type": "none",
                "disable_hashcheck": "true",
                **{name: given[name] for name in ("host", "port", "user")},
                **_login(secret, obscure=obscure),
                **_known_hosts(given, folder=folder),
            }
        case Kind.S3:
            return {
                "type": "s3",
                "provider": "Other" if given.get("endpoint") else "AWS",
                "env_auth": "false",
                "no_check_bucket": "true",
                "access_key_id": given["access_key_id"],
                "secret_access_key": secret["secret_access_key"],
                **{name: given[name] for name in ("endpoint", "region") if name in given},
            }
        case _:
            user = {"user": given["user"]} if "user" in given else {}
            login = _login(secret, obscure=obscure)
            return {"type": "webdav", "vendor": "other", "url": given["url"], **user, **login}


def _login(secret: Mapping[str, str], *, obscure: Obscure) -> dict[str, str]:
    login = {"pass": obscure(secret["password"])} if "password" in secret else {}
    if "private_key" in secret:
        login["key_pem"] = secret["private_key"].replace("\n", "\\n")
    return login


def _known_hosts(given: Mapping[str, str], *, folder: Path) -> dict[str, str]:
    """Whoever answers there is believed, unless its key was given."""
    if "host_key" not in given:
        return {}
    known = folder / "known_hosts"
    known.write_text(f"[{given['host']}]:{given['port']} {given['host_key']}\n")
    return {"known_hosts_file": str(known)}


def _problem(said: str) -> str:
    """The last thing that rclone said, for people."""
    lines = [line for line in said.splitlines() if line.strip()]
    last = TIMESTAMP.sub("", lines[-1]) if lines else "rclone failed and did not say why"
    return last.strip()[:LONGEST_PROBLEM].rstrip(".") + "."
