"""First start, and every start after an upgrade: secrets, certificate, database, administrator.

Safe to repeat; what exists is kept. Run as ``python -m config.prepare``.
"""

import os
import secrets
import shutil
import sys

from cryptography.fernet import Fernet

from config import environment as env
from config.certificates import make_self_signed
from config.files import write_private

FIRST_ADMINISTRATOR = "admin"
SOCKET_PATH_LIMIT = 100
"""A unix socket's path has at most 107 bytes."""
MEGABYTE = 1_000_000
ROOM = 100 * MEGABYTE
"""What a first day of database, logs and reserve takes."""


def prepare() -> str | None:
    """Prepare the state directory; returns the first administrator's password if made now."""
    print(f"Preparing {env.STATE_DIR} ...", flush=True)  # noqa: T201  # the first time takes a while
    prepare_files()
    return _prepare_database()


def prepare_files() -> None:
    """Make the directories, the secrets and the certificate."""
    _make_directories()
    _make_secrets()
    _make_certificate()


def _make_directories() -> None:
    _check_room()
    if len(str(env.EMBEDDED_BROKER_SOCKET)) > SOCKET_PATH_LIMIT:
        sys.exit(
            f"The state directory's path is too long for a unix socket: {env.STATE_DIR}\n"
            "Choose a shorter one with FLOTILLA_STATE_DIR."
        )
    for name in ("", "secrets", "tls", "run", "node", "log"):
        (env.STATE_DIR / name).mkdir(mode=0o750, parents=True, exist_ok=True)


def _check_room() -> None:
    """A node that runs already goes on with what there is; a new one would not get far."""
    if env.NODE_FILE.exists():
        return
    env.STATE_DIR.mkdir(mode=0o750, parents=True, exist_ok=True)
    free = shutil.disk_usage(env.STATE_DIR).free
    if free < ROOM:
        sys.exit(
            f"A new node needs {ROOM // MEGABYTE} MB, and {env.STATE_DIR} has"
            f" {free // MEGABYTE}.\nMake room, or choose another directory with"
            " FLOTILLA_STATE_DIR."
        )


def _make_secrets() -> None:
    _make_secret("django-secret-key", secrets.token_urlsafe(50).encode())
    _make_secret("field-encryption-key", Fernet.generate_key())


def _make_secret(name: str, value: bytes) -> None:
    path = env.STATE_DIR / "secrets" / name
    if not path.exists():
        write_private(path, value)


def _make_certificate() -> None:
    if env.TLS_CERT or env.TLS_CERT_PATH.exists():
        return
    make_self_signed(fqdn=env.FQDN, certificate=env.TLS_CERT_PATH, key=env.TLS_KEY_PATH)


def _prepare_database() -> str | None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from config.assets import collect

    call_command("migrate", verbosity=0, interactive=False)
    collect()
    return _make_first_administrator()


def _make_first_administrator() -> str | None:
    from accounts.models import Administrator
    from accounts.services import create_administrator
    from audit.actor import Actor

    if Administrator.objects.exists():
        return None
    _, password = create_administrator(actor=Actor.system(), username=FIRST_ADMINISTRATOR)
    return password


def announce(password: str) -> str:
    """What is said about the first administrator, once."""
    return (
        f"\n  Administrator: {FIRST_ADMINISTRATOR}\n  Password:      {password}\n"
        "  It is shown this once, and a new one is asked for at the first login.\n"
        "  Lost? `manage.py reset_password admin` as root.\n"
    )


if __name__ == "__main__":
    made = prepare()
    if made is not None:
        print(announce(made))  # noqa: T201  # the one place that shows it
