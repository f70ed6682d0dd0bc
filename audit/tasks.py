"""Housekeeping of the trail."""

from audit import reserve
from audit.actor import Actor
from audit.archive.making import archive_next, is_due, purge
from audit.forwarding.delivery import forward
from audit.rounds import verify_some
from audit.search.indexing import extend
from audit.spill import take_in
from config.celery import app, log, send
from config.errors import DomainError

SLICE = 0.5
AT_ONCE = 1.0
"""Seconds for one run, so that operations do not wait for it."""


@app.task
def verify_events() -> None:
    """Once a minute, for a moment: a round through all events takes as long as it takes, and again
    at once while somebody waits for it.
    """
    if verify_some(seconds=SLICE):
        send("audit.tasks.verify_events")


@app.task
def index_events() -> None:
    """Twice a minute, and again at once while there is more: bring the text index up to date,
    with what had to wait for the trail and the room that is kept for a full disk.
    """
    reserve.keep()
    take_in()
    if not extend(seconds=AT_ONCE):
        send("audit.tasks.index_events")


@app.task
def forward_events() -> None:
    """Every few seconds, and again at once while there is more: what the syslog receiver lacks."""
    if forward(seconds=AT_ONCE):
        send("audit.tasks.forward_events")


@app.task
def archive_events() -> None:
    """Once a day, and again at once while there is more: what has stayed long enough."""
    purge()
    if is_due() and _archive():
        send("audit.tasks.archive_events")


@app.task
def archive_now() -> None:
    """Because somebody asked for it: one file after the other."""
    if _archive():
        send("audit.tasks.archive_now")


def _archive() -> bool:
    try:
        return archive_next(actor=Actor.system()) is not None
    except DomainError as error:
        log.warning("audit_not_archived", code=error.code, detail=error.detail)
        return False
