"""A secret that is planted wherever one can be, and looked for wherever it must not be."""

from base64 import b64encode
from typing import Any

from audit.actions import AuditAction
from audit.allowed import ALLOWED

CANARY, CANARY_WORD = "canary-7f3a91", "canary_7f3a91"
FORMS = {
    "pem": "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
    "bearer": "Authorization: Bearer {}",
    "url": "https://ann:{}@example.org/",
    "token": "flt_{}",
}
"""What an allowed detail may hold by mistake, and looks like a secret."""


def planted_details(action: AuditAction) -> dict[str, Any]:
    unknown = {"note": CANARY, "Passwort": CANARY, f"a {action} b": {"deep": [CANARY]}}
    pair = {"before": {"odd": CANARY}, "after": {"odd": {"x": CANARY}}}
    secrets = {"password": CANARY, "token": [CANARY], "privateKey": {"k": CANARY}}
    typed = [form.format(CANARY_WORD) for form in FORMS.values()]
    allowed = dict.fromkeys(ALLOWED[action], typed)
    return {**allowed, **unknown, **pair, **secrets}


def holds_canary(data: bytes) -> bool:
    """In any way of writing it."""
    words = (CANARY.encode(), CANARY_WORD.encode(), b64encode(CANARY.encode()))
    return any(word.lower() in data.lower() for word in words)
