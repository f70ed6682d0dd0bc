"""``python -m cluster.backup.job VERB RESULT``: one order, in a process of its own.

So memory that key stretching takes is given back, and what takes long holds up nobody. The order
comes by standard input, because it has secrets; no Django is loaded.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster.backup.orders import ORDERS, write
from config.errors import DomainError


def carry_out(verb: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, or the refusal, as JSON has it."""
    try:
        return {"answer": ORDERS[verb](order)}
    except DomainError as error:
        refused = {"code": error.code, "detail": error.detail, "field": error.field}
        return {"error": refused | {"status": error.status}}


def main(verb: str, result: str) -> None:
    """Read the order, and leave the outcome at ``result``."""
    order = json.loads(sys.stdin.buffer.read())
    write(Path(result), json.dumps(carry_out(verb, order)).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
