"""Static files, collected and compressed once for an installation (not once a node)."""

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

IGNORED = ["redoc", "rest_framework", "*.ts", "htmax*", "htmx-4*"]


def collect() -> bool:
    """Collect static files unless the last collection had the same sources; says whether it did."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    stamp = root / ".sources"
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = _sources_digest()
        if stamp.exists() and stamp.read_text() == digest:
            return False
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=IGNORED)
        stamp.write_text(digest)
        return True


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
