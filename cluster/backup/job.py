"""``python -m cluster.backup.job VERB RESULT``: one order, in a process of its own.

So memory that key stretching takes is given back, and what takes long holds up nobody. The order
comes by standard input, because it has secrets. Only the order that needs the database loads the
product's settings, which takes longer than all the rest.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

NEEDS_DATABASE = "copy_trail"


def carry_out(verb: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, or the refusal, as JSON has it."""
    from cluster.backup.orders import ORDERS  # errors ask for settings when they are defined
    from config.errors import DomainError

    try:
        return {"answer": ORDERS[verb](order)}
    except DomainError as error:
        refused = {"code": error.code, "detail": error.detail, "field": error.field}
        return {"error": refused | {"status": error.status}}


def main(verb: str, result: str) -> None:
    """Read the order, and leave the outcome at ``result``."""
    if verb != NEEDS_DATABASE:
        settings.configure(USE_I18N=False)
    order = json.loads(sys.stdin.buffer.read())
    told = carry_out(verb, order)
    from cluster.backup.orders import write

    write(Path(result), json.dumps(told).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
