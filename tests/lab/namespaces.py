"""The kernel's side of the lab: network namespaces on a bridge that is itself in a namespace.

Nothing can leave by the machine's real interface: no namespace has a way out of the bridge.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

NETNS = Path("/run/netns")
SWITCH = "sw"
FORWARDING, DISABLED = "3", "0"


def run(*command: str) -> str:
    """Run a system tool; its complaint is the exception's text."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def named(lab: str) -> list[str]:
    """The lab's namespaces that exist, the switch among them."""
    if not NETNS.exists():
        return []
    return sorted(path.name for path in NETNS.iterdir() if path.name.startswith(f"{lab}-"))


def add_switch(lab: str) -> None:
    """The bridge that every host and the client are plugged into."""
    switch = f"{lab}-{SWITCH}"
    run("ip", "netns", "add", switch)
    run("ip", "-n", switch, "link", "add", "br0", "type", "bridge")
    run("ip", "-n", switch, "link", "set", "br0", "up")


def plug(lab: str, *, name: str, address: str) -> None:
    """A namespace with ``eth0`` on the bridge."""
    namespace, port = f"{lab}-{name}", f"p{name}"
    run("ip", "netns", "add", namespace)
    run(
        *("ip", "-n", f"{lab}-{SWITCH}", "link", "add", port, "type", "veth"),
        *("peer", "name", "eth0", "address", _hardware_address(address), "netns", namespace),
    )
    run("ip", "-n", f"{lab}-{SWITCH}", "link", "set", port, "master", "br0", "up")
    run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
    run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "-n", namespace, "link", "set", "eth0", "up")


def unplug(lab: str, *, name: str) -> None:
    """End everything in the namespace and delete it, as a power cut does."""
    kill_all(f"{lab}-{name}")
    ports = json.loads(run("ip", "-n", f"{lab}-{SWITCH}", "-json", "link"))
    if any(port.get("ifname") == f"p{name}" for port in ports):
        run("ip", "-n", f"{lab}-{SWITCH}", "link", "del", f"p{name}")
    delete(f"{lab}-{name}")


def set_link(lab: str, *, name: str, up: bool) -> None:
    """Let the switch forward a host's frames, or drop them silently: the host sees its link up."""
    state = FORWARDING if up else DISABLED
    switch = f"{lab}-{SWITCH}"
    run("bridge", "-n", switch, "link", "set", "dev", f"p{name}", "state", state)


def delete(namespace: str) -> None:
    """Delete a namespace, if it exists."""
    if (NETNS / namespace).exists():
        run("ip", "netns", "del", namespace)


def processes(namespace: str) -> list[int]:
    """The processes that run in a namespace."""
    try:
        inode = (NETNS / namespace).stat().st_ino
    except FileNotFoundError:
        return []
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if lives_in(pid, inode=inode)]


def lives_in(pid: int, *, inode: int) -> bool:
    """Whether a process exists and has that network namespace."""
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino == inode
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False


def kill_all(namespace: str) -> None:
    """SIGKILL until nothing lives there: a supervisor may just have started more."""
    deadline = time.monotonic() + 10
    while living := [pid for pid in processes(namespace) if pid != os.getpid()]:
        for pid in living:
            _kill(pid)
        if time.monotonic() > deadline:
            raise RuntimeError(f"{namespace} does not die: {living}")
        time.sleep(0.02)


def _hardware_address(address: str) -> str:
    """A machine keeps its network card: the neighbours' caches stay true over a power cut."""
    return ":".join(["02", "00", *(f"{int(part):02x}" for part in address.split("."))])


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
