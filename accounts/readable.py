"""Random text that people can read over the telephone."""

import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that looks like another: 4.95 bits each."""


def draw_readable(*, groups: int, length: int) -> str:
    """``groups`` of ``length`` random characters, joined by dashes."""
    drawn = ("".join(secrets.choice(ALPHABET) for _ in range(length)) for _ in range(groups))
    return "-".join(drawn)
