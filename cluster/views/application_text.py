"""Ports, volumes and variables as people write them into a form: one a line."""

import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext

PORT = re.compile(r"(?:(all|local|vpn):)?(\d{1,5}):(\d{1,5})(?:/(tcp|udp))?")
VOLUME = re.compile(r"([^:\s]+):(/[^:\s]*)(:ro)?")
PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
Json = dict[str, Any]


class LinesField(forms.CharField):
    """A text area of lines, each of which ``read`` understands or refuses."""

    widget = forms.Textarea

    def __init__(self, read: Callable[[str], Any], *, rows: int = 3, **options: Any) -> None:
        attrs = {"rows": rows, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
        widget = forms.Textarea(attrs=attrs)
        super().__init__(required=False, widget=widget, max_length=20_000, **options)
        self._read = read

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines()]
        return [self._read(line) for line in lines if line]

    def clean(self, value: Any) -> Any:
        return self.to_python(value)


def read_port(line: str) -> Json:
    """``8080:80``, ``vpn:389:389/tcp``: the node's port, then the container's."""
    match = PORT.fullmatch(line)
    if match is None:
        raise forms.ValidationError(
            gettext("“%(line)s” is no port. Write 8080:80 or vpn:389:389/tcp.") % {"line": line}
        )
    bind, host, container, protocol = match.groups()
    return {
        "host": int(host),
        "container": int(container),
        "bind": bind or "all",
        "protocol": protocol or "tcp",
    }


def read_volume(line: str) -> Json:
    """``data:/var/lib/app`` is a volume; ``./conf:/etc/app:ro`` a path."""
    match = VOLUME.fullmatch(line)
    if match is None:
        raise forms.ValidationError(
            gettext("“%(line)s” is no volume. Write data:/path/in/the/container.") % {"line": line}
        )
    source, path, read_only = match.groups()
    is_path = source.startswith(("/", "./"))
    kind = "source" if is_path else "name"
    return {kind: source.removeprefix("./"), "path": path, "read_only": bool(read_only)}


def read_pair(line: str) -> tuple[str, str]:
    """``NAME=value``."""
    match = PAIR.fullmatch(line)
    if match is None:
        raise forms.ValidationError(gettext("Write NAME=value, one a line."))
    return match[1], match[2]


def read_command(text: str) -> list[str]:
    """Words, as a shell would split them; none is started."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise forms.ValidationError(gettext("A quotation mark is not closed.")) from error


def write_ports(ports: Iterable[Json]) -> str:
    return "\n".join(map(_write_port, ports))


def _write_port(port: Json) -> str:
    bind = "" if port["bind"] == "all" else f"{port['bind']}:"
    return f"{bind}{port['host']}:{port['container']}/{port['protocol']}"


def write_volumes(volumes: Iterable[Json]) -> str:
    return "\n".join(map(_write_volume, volumes))


def _write_volume(volume: Json) -> str:
    source = volume["name"] or volume["source"]
    if volume["source"] and not source.startswith("/"):
        source = f"./{source}"
    return f"{source}:{volume['path']}{':ro' if volume['read_only'] else ''}"


def write_pairs(pairs: Json) -> str:
    return "\n".join(f"{name}={value}" for name, value in pairs.items())
