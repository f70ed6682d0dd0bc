"""Codes for the day the authenticator is lost: 79 random bits each, so a plain digest will do."""

from hashlib import sha256

from accounts.readable import draw_readable

HOW_MANY = 10


def draw() -> list[str]:
    """Ten new codes, such as ``abcd-efgh-jkmn-pqrs``."""
    return [draw_readable(groups=4, length=4) for _ in range(HOW_MANY)]


def digest(code: str) -> str:
    """What is stored; blanks, dashes and upper case make no difference."""
    plain = "".join(code.split()).replace("-", "").lower()
    return sha256(plain.encode()).hexdigest()
