"""Podman's configuration on a machine of the lab: nothing is shared with the real machine."""

from pathlib import Path

STORAGE = """
[storage]
driver = "vfs"
graphroot = "{storage}"
runroot = "/run/containers/storage"
"""
ENGINE = """
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
runtime = "crun"
[containers]
cgroups = "disabled"
netns = "host"
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
"""Shares no lock, journal or control group with the machine that carries the lab."""


def configure(directory: Path) -> None:
    """Write what the host has instead of the machine's ``/etc/containers``."""
    ours, storage = directory / "containers", directory / "container-storage"
    if ours.exists():
        return
    ours.mkdir()
    (ours / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}\n')
    (ours / "storage.conf").write_text(STORAGE.format(storage=storage))
    (ours / "containers.conf").write_text(ENGINE)
