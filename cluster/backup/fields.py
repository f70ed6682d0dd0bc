"""What the settings of destinations may be, one by one; each raises ValueError with a sentence."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
HOST_KEY = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}")
LONGEST = 500
LONGEST_SECRET = 20_000


def text(value: str) -> str:
    """One line without spaces around it."""
    if not value.isprintable() or value != value.strip() or len(value) > LONGEST:
        raise ValueError(f"It has one line of at most {LONGEST} characters.")
    return value


def word(value: str) -> str:
    if " " in text(value):
        raise ValueError("It has no spaces.")
    return value


def host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError("It is the name or the address of a machine.")
    return value


def port(value: str) -> str:
    is_number = value.isascii() and value.isdigit() and len(value) <= 5
    if not is_number or not 1 <= int(value) <= 65535:
        raise ValueError("A port is a number from 1 to 65535.")
    return value


def path(value: str) -> str:
    """On the other side: relative paths begin where a login there begins."""
    if ".." in PurePosixPath(text(value)).parts:
        raise ValueError("A path has no “..” in it.")
    return value


def absolute_path(value: str) -> str:
    if not path(value).startswith("/"):
        raise ValueError("It begins with a slash.")
    return value


def url(value: str) -> str:
    """HTTPS, unless it stays on this machine: name and password travel along."""
    try:
        parts = urlsplit(word(value))
        is_local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        raise ValueError("It is no address of the web.") from None
    if not parts.hostname or parts.username or not (parts.scheme == "https" or is_local):
        raise ValueError("It begins with https:// and names no user.")
    return value


def bucket(value: str) -> str:
    if not BUCKET.fullmatch(value):
        raise ValueError("It is the name of a bucket.")
    return value


def host_key(value: str) -> str:
    if not HOST_KEY.fullmatch(value):
        raise ValueError("It looks like “ssh-ed25519 AAAA…”, as ssh-keyscan prints it.")
    return value


def password(value: str) -> str:
    if not value.isprintable() or len(value) > LONGEST:
        raise ValueError(f"It has one line of at most {LONGEST} characters.")
    return value


def private_key(value: str) -> str:
    """PEM or OpenSSH, without a passphrase."""
    lines = value.strip().replace("\r\n", "\n")
    is_key = lines.startswith("-----BEGIN ") and "PRIVATE KEY-----" in lines
    if not is_key or len(lines) > LONGEST_SECRET or not lines.replace("\n", "").isprintable():
        raise ValueError("It is a private key as ssh-keygen writes it.")
    return lines + "\n"
