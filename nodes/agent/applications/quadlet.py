"""An application as a Quadlet unit: podman-systemd.unit(5)."""

from collections.abc import Iterator

from nodes.agent.applications import arguments
from nodes.agent.applications.entries import Entries, Entry

HEAD = "# Written by Flotilla's agent: change the application in the console instead.\n"
VARIABLES = {"": "FLOTILLA_NOTHING", ";": "FLOTILLA_SEMICOLON"}
"""Words that Quadlet writes bare, however they are quoted: at the first a command would end, at the
second another one begin. As ``${VARIABLE}`` each is one word (systemd.service(5)).
"""
SERVICE = (
    "".join(f'Environment="{name}={word}"\n' for word, name in VARIABLES.items())
    + "Restart=always\nRestartSec=5\nTimeoutStartSec=300\n"
)


def unit(entry: Entry, entries: Entries) -> str:
    """The whole file."""
    lines = "\n".join(f"{key}={value}" for key, value in _container(entry, entries))
    return (
        f"{HEAD}[Unit]\nDescription=Application {entry.name}\n"
        "After=network-online.target\nWants=network-online.target\n\n"
        f"[Container]\n{lines}\n\n"
        f"[Service]\n{SERVICE}\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )


def _container(entry: Entry, entries: Entries) -> Iterator[tuple[str, str]]:
    yield "ContainerName", entry.name
    yield "Image", _plain(entry.image)
    for key, value in arguments.labels(entry):
        yield "Label", _quoted(f"{key}={value}")
    for key, value in arguments.environment(entry):
        yield "Environment", _quoted(f"{key}={value}")
    for secret in arguments.secrets(entry):
        yield "Secret", _plain(secret)
    for volume in arguments.volumes(entry, entries):
        yield "Volume", _plain(volume)
    for port in arguments.ports(entry):
        yield "PublishPort", _plain(port)
    more = ["--pull=never", *arguments.options(entry)]
    yield "PodmanArgs", " ".join(map(_plain, more))
    if entry.definition.command:
        yield "Exec", " ".join(map(_word, entry.definition.command))


def _plain(text: str) -> str:
    """Of characters that mean nothing to systemd but the percent sign."""
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """Of the command."""
    return f"${{{VARIABLES[text]}}}" if text in VARIABLES else _quoted(text)


def _quoted(text: str) -> str:
    """One word, whatever is in it: systemd.syntax(7), and ``$$`` for a dollar sign."""
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
