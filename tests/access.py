"""The access matrix: ``access.txt``, and how an answer is read as one of its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("access.txt")
CODES = {
    "read_only_access": "reads",
    "network_not_allowed": "network",
    "proof_required": "proof",
    "second_factor_required": "factor",
    "password_change_required": "change",
    "login_required": "named",
}
"""Words for the API's refusals."""
PAGES = {"/account/password/": "change", "/account/two-factor/": "factor"}
"""Words for where pages send somebody."""


@dataclass(frozen=True)
class Row:
    """One method of one route, and what each kind of caller is answered."""

    pattern: str
    method: str
    words: Mapping[str, str]

    @property
    def name(self) -> str:
        """As in a line of the table."""
        return f"{self.pattern or '/'} {self.method}"


def read_table() -> list[Row]:
    """The checked-in table; its first line names the kinds of callers."""
    lines = TABLE.read_text().splitlines()
    head, *rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [
        Row("" if pattern == "/" else pattern, method, dict(zip(head[2:], words, strict=True)))
        for pattern, method, *words in rows
    ]


def word(answer: Any) -> str:
    """What became of a request."""
    location = answer.headers.get("Location", "")
    if answer.status_code == 500:
        return "crash"
    if answer.status_code == 405:
        return "-"
    if answer.status_code == 401 or location.startswith("/login/"):
        return "login"
    if answer.status_code == 403:
        return _refusal(answer)
    if any(template.name == "accounts/proof.html" for template in answer.templates):
        return "proof"
    return PAGES.get(location, "open")


def _refusal(answer: Any) -> str:
    """Pages answer 403 only to those who may read, and nothing else."""
    data = getattr(answer, "data", None)
    code = data["errors"][0]["code"] if data else "read_only_access"
    return CODES.get(code, code)
