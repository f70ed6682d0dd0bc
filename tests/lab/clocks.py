"""A host whose clock is wrong: its processes run under libfaketime."""

import shutil
from collections.abc import Mapping
from pathlib import Path

MARK = "clock"
LIBRARIES = Path("/usr/lib")
SHIM = """#!/bin/sh
# wireguard-go has no libc to fake: say what a kernel with this host's clock would say
{wg} "$@" | awk -F'\\t' -v OFS='\\t' 'NF == 8 && $5 > 0 {{ $5 += {offset} }} {{ print }}'
"""


def turn(directory: Path, *, seconds: int) -> None:
    """Let the host of this directory be wrong by so many seconds from its next start on."""
    if seconds == 0:
        (directory / MARK).unlink(missing_ok=True)
        shutil.rmtree(directory / "bin", ignore_errors=True)
        return
    (directory / MARK).write_text(f"{seconds:+d}\n")
    (directory / "bin").mkdir(exist_ok=True)
    shim = directory / "bin" / "wg"
    shim.write_text(SHIM.format(wg=shutil.which("wg"), offset=seconds))
    shim.chmod(0o755)


def variables(directory: Path, *, path: str) -> Mapping[str, str]:
    """What a host's environment needs for its clock: nothing, if it is right."""
    try:
        offset = (directory / MARK).read_text().strip()
    except FileNotFoundError:
        return {}
    return {
        "LD_PRELOAD": str(next(LIBRARIES.glob("*/faketime/libfaketime.so.1"))),
        "FAKETIME": f"{offset}s",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PATH": f"{directory / 'bin'}:{path}",
    }
