"""A host whose clock is wrong: its processes are told another time of day (``clock.c``)."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
SHIM = """#!/bin/sh
# wireguard-go has no libc to preload: say what a kernel with this host's clock would say
{wg} "$@" | awk -F'\\t' -v OFS='\\t' 'NF == 8 && $5 > 0 {{ $5 += {offset} }} {{ print }}'
"""


def turn(directory: Path, *, seconds: int) -> None:
    """Let the host of this directory be wrong by so many seconds from its next start on."""
    ours = directory / "clock"
    shutil.rmtree(ours, ignore_errors=True)
    if seconds == 0:
        return
    (ours / "bin").mkdir(parents=True)
    (ours / "offset").write_text(str(seconds))
    build = ("cc", "-Wall", "-O2", "-shared", "-fPIC", "-o", str(ours / "clock.so"), str(SOURCE))
    subprocess.run(build, check=True)
    shim = ours / "bin" / "wg"
    shim.write_text(SHIM.format(wg=shutil.which("wg"), offset=seconds))
    shim.chmod(0o755)


def variables(directory: Path, *, path: str) -> Mapping[str, str]:
    """What a host's environment needs for its clock: nothing, if it is right."""
    ours = directory / "clock"
    if not ours.exists():
        return {}
    return {
        "LAB_CLOCK": (ours / "offset").read_text(),
        "LD_PRELOAD": str(ours / "clock.so"),
        "PATH": f"{ours / 'bin'}:{path}",
    }
