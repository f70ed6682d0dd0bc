"""Join codes as text: ``FLT1.`` and base64url of a JSON object. Pure: no clock, no database.

``check`` is a checksum over the other members, so that the new node can tell a code that lost its
end, or was altered, from one that the leader does not know. It protects nothing: the secret does.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from cluster.errors.joining import (
    JoinCodeCorrupted,
    JoinCodeMalformed,
    JoinCodeMissing,
    JoinCodeTruncated,
)

PREFIX = "FLT1."
VERSION = 1
MAX_LENGTH = 8192
CHECK_LENGTH = 8
FIELD = "code"


@dataclass(frozen=True, slots=True)
class JoinCodeText:
    """What a join code says; ``secret`` is never shown by ``repr``."""

    urls: tuple[str, ...]
    tls_fingerprint: str
    cluster: str
    id: str
    secret: str
    expires: datetime

    def __repr__(self) -> str:
        return f"<join code {self.id}>"


def encode(code: JoinCodeText) -> str:
    """The text that people copy."""
    members = {
        "v": VERSION,
        "urls": list(code.urls),
        "tls_fingerprint": code.tls_fingerprint,
        "cluster": code.cluster,
        "id": code.id,
        "secret": code.secret,
        "expires": code.expires.isoformat(),
    }
    text = json.dumps({**members, "check": _check_of(members)}, separators=(",", ":"))
    return PREFIX + base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(text: str) -> JoinCodeText:
    """What the text says, or raise: missing, malformed, truncated, corrupted.

    White space anywhere is ignored: terminals and mail programs break long lines.
    """
    compact = "".join(text.split())
    if not compact:
        raise JoinCodeMissing(field=FIELD)
    if PREFIX.startswith(compact):
        raise JoinCodeTruncated(field=FIELD)
    if not compact.startswith(PREFIX) or len(compact) > MAX_LENGTH:
        raise JoinCodeMalformed(field=FIELD)
    members = _read_members(_read_base64(compact.removeprefix(PREFIX)))
    if members.pop("check", None) != _check_of(members):
        raise JoinCodeCorrupted(field=FIELD)
    return _from_members(members)


def _check_of(members: dict[str, object]) -> str:
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:CHECK_LENGTH]


def _read_base64(body: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", body, re.ASCII):
        raise JoinCodeCorrupted(field=FIELD)
    whole = body if len(body) % 4 != 1 else body[:-1]  # a cut may leave less than one byte
    try:
        return base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise JoinCodeCorrupted(field=FIELD) from None


def _read_members(text: str) -> dict[str, object]:
    try:
        members = json.loads(text)
    except json.JSONDecodeError as error:
        if _is_cut(text, error):
            raise JoinCodeTruncated(field=FIELD) from None
        raise JoinCodeCorrupted(field=FIELD) from None
    except (RecursionError, ValueError):
        raise JoinCodeCorrupted(field=FIELD) from None
    if not isinstance(members, dict):
        raise JoinCodeCorrupted(field=FIELD)
    return members


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Whether the JSON is sound as far as it goes, and ends before its last member does."""
    ends_inside_string = error.msg.startswith("Unterminated string")
    _, last_member, tail = text.rpartition('"check":"')
    is_whole = bool(last_member) and len(tail) >= CHECK_LENGTH + len('"}')
    return not is_whole and (ends_inside_string or error.pos >= len(text))


def _from_members(members: dict[str, object]) -> JoinCodeText:
    """Typed, or raise: a sound checksum over something else is no code of ours."""
    texts = {name: members.get(name) for name in ("tls_fingerprint", "cluster", "id", "secret")}
    urls = members.get("urls")
    if members.get("v") != VERSION or not isinstance(urls, list) or not urls:
        raise JoinCodeMalformed(field=FIELD)
    if not all(isinstance(text, str) for text in (*texts.values(), *urls, members.get("expires"))):
        raise JoinCodeMalformed(field=FIELD)
    if not all(url.startswith("https://") for url in urls):
        raise JoinCodeMalformed(field=FIELD)
    try:
        expires = datetime.fromisoformat(str(members["expires"]))
    except ValueError:
        raise JoinCodeMalformed(field=FIELD) from None
    if expires.tzinfo is None:
        raise JoinCodeMalformed(field=FIELD)
    named = {name: str(text) for name, text in texts.items()}
    return JoinCodeText(urls=tuple(urls), expires=expires, **named)
