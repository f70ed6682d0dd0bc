"""``--data``: JSON from the command line, or from standard input where nobody else can read it."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from accounts.errors import InvalidData

FROM_STDIN = "-"


def add_data_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--data", default="{}", help="JSON; - reads it from standard input, which keeps it secret"
    )


def read_data(text: str, *, stderr: OutputWrapper) -> Any:
    """The value; raises ``InvalidData``. Warns of a password that the process list shows."""
    if text == FROM_STDIN:
        text = sys.stdin.read()
    elif "password" in text:
        stderr.write("Warning: every user of this machine can see a password in --data; use -.")
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidData(problem=f"This is not JSON: {error}") from None
