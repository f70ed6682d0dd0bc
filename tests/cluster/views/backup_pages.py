"""What the tests of backup's and restoration's pages begin with."""

from typing import Any


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())
