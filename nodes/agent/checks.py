"""Reading values from JSON that others wrote: each function returns the typed value or raises
ValueError.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from urllib.parse import urlsplit

from nodes.agent.encoding import KEY_BYTES, from_base64url

HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
ENDPOINT = re.compile(
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]):(?P<port>[0-9]{1,5})",
    re.ASCII,
)
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


def member(source: Mapping[str, Any], name: str) -> Any:
    """A member that must be there."""
    if name not in source:
        raise ValueError(f"{name} is missing")
    return source[name]


def text(source: Mapping[str, Any], name: str, *, longest: int = 253) -> str:
    value = member(source, name)
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError(f"{name} is not a plain text of at most {longest} characters")
    return value


def number(source: Mapping[str, Any], name: str, *, least: int = 1) -> int:
    value = member(source, name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**31:
        raise ValueError(f"{name} is not a number from {least}")
    return value


def boolean(source: Mapping[str, Any], name: str) -> bool:
    value = member(source, name)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def mapping(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = member(source, name)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")
    return value


def matching(source: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = text(source, name, longest=300)
    if not pattern.fullmatch(value):
        raise ValueError(f"{name} does not have the right form")
    return value


def cluster_uuid(source: Mapping[str, Any], name: str) -> str:
    value = text(source, name)
    if str(uuid.UUID(value)) != value:
        raise ValueError(f"{name} is not a UUID in its usual form")
    return value


def raw_key(source: Mapping[str, Any], name: str) -> str:
    """32 bytes in base64url without padding (Ed25519)."""
    value = text(source, name)
    if len(from_base64url(value)) != KEY_BYTES:
        raise ValueError(f"{name} is not a key of {KEY_BYTES} bytes")
    return value


def wireguard_key(source: Mapping[str, Any], name: str) -> str:
    """32 bytes in padded base64, as ``wg pubkey`` prints them."""
    value = text(source, name)
    try:
        raw = base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if len(raw) != KEY_BYTES or base64.b64encode(raw).decode("ascii") != value:
        raise ValueError(f"{name} is not a WireGuard key")
    return value


def address(source: Mapping[str, Any], name: str) -> IPv4Address:
    return IPv4Address(text(source, name))


def network(source: Mapping[str, Any], name: str) -> IPv4Network:
    """An IPv4 network in prefix form without host bits."""
    value = IPv4Network(text(source, name))
    if str(value) != source[name]:
        raise ValueError(f"{name} is not a network in prefix form")
    return value


def endpoint(source: Mapping[str, Any], name: str) -> str:
    """``host:port``, or nothing where the node cannot be reached from outside."""
    value = text(source, name, longest=260)
    match = ENDPOINT.fullmatch(value)
    if value and not (match and 1 <= int(match["port"]) <= 65535):
        raise ValueError(f"{name} is not host:port")
    return value


def https_url(source: Mapping[str, Any], name: str) -> str:
    """``https://host[:port]`` and an optional closing slash, which is dropped."""
    value = text(source, name, longest=300).removesuffix("/")
    parts = urlsplit(value)
    rest = (parts.path, parts.query, parts.fragment, parts.username)
    if parts.scheme != "https" or not parts.hostname or any(rest) or parts.port == 0:
        raise ValueError(f"{name} is not an https URL of a host")
    return value
