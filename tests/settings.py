"""Settings of the unit tests: production's, with secrets and a database of their own."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet


def _state_dir() -> Path:
    """One for each test process, gone with the first; processes that tests start share it."""
    given, process = os.environ.get("FLOTILLA_STATE_DIR"), os.environ.get("PYTEST_XDIST_WORKER", "")
    if given is None:
        made = tempfile.mkdtemp(prefix="flotilla-test-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        return Path(made)
    return Path(given) if Path(given).name == process else Path(given) / process


_state = _state_dir()
os.environ["FLOTILLA_STATE_DIR"] = str(_state)
for _name, _value in (
    ("django-secret-key", secrets.token_urlsafe(50)),
    ("field-encryption-key", Fernet.generate_key().decode()),
):
    _path = _state / "secrets" / _name
    _path.parent.mkdir(parents=True, exist_ok=True)
    if not _path.exists():
        _path.write_text(_value)

from config.databases import parse_database_url  # noqa: E402
from config.settings import *  # noqa: E402, F403

DATABASES = {
    "default": parse_database_url(
        os.environ.get("FLOTILLA_TEST_DATABASE_URL", ""), default=_state / "test.sqlite3"
    )
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = (
    {"NAME": str(_state / "test.sqlite3")} if "sqlite" in DATABASES["default"]["ENGINE"] else {}
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = _state / "static"
STATIC_ROOT.mkdir(exist_ok=True)
SHOW_STYLEGUIDE = True
FAILPOINTS = _state / "failpoint"
POLLED_PARTS_KEPT_SECONDS = 0  # a test polls at once; the test of kept parts says otherwise
AGENT_HELD_CALLS = 0  # a sync is answered at once; the test of held calls says otherwise
