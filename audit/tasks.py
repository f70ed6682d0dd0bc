"""Housekeeping of the trail."""

from audit.forwarding.delivery import forward
from audit.rounds import verify_some
from audit.search.indexing import extend
from audit.spill import take_in
from config.celery import app, send

SLICE = 0.5
AT_ONCE = 1.0
"""Seconds for one run, so that operations do not wait for it."""


@app.task
def verify_events() -> None:
    """Once a minute, for a moment: a round through all events takes as long as it takes."""
    verify_some(seconds=SLICE)


@app.task
def index_events() -> None:
    """Twice a minute, and again at once while there is more: bring the text index up to date,
    with what had to wait for the trail.
    """
    take_in()
    if not extend(seconds=AT_ONCE):
        send("audit.tasks.index_events")


@app.task
def forward_events() -> None:
    """Every few seconds, and again at once while there is more: what the syslog receiver lacks."""
    if forward(seconds=AT_ONCE):
        send("audit.tasks.forward_events")
