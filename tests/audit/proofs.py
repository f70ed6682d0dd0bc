"""How hard the proofs are tried: ``make audit-proofs`` tries all, other runs have a taste of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import connections

FULL = os.environ.get("FLOTILLA_PROOFS") == "full"


@contextmanager
def forked(
    act: Callable[..., object], *, arguments: list[tuple[Any, ...]]
) -> Iterator[list[BaseProcess]]:
    """A process for each of ``arguments``, on the test's database; killed if one is left over."""
    connections.close_all()  # a connection must not be in two processes
    context = get_context("fork")
    processes = [context.Process(target=act, args=each, daemon=True) for each in arguments]
    for process in processes:
        process.start()
    try:
        yield list(processes)
    finally:
        for process in processes:
            process.kill()
            process.join()
