"""Housekeeping of the trail."""

from audit.search.indexing import extend
from audit.spill import take_in
from config.celery import app, send

AT_ONCE = 5.0
"""Seconds for one run, so that operations do not wait for it."""


@app.task
def index_events() -> None:
    """Twice a minute, and again at once while there is more: bring the text index up to date,
    with what had to wait for the trail.
    """
    take_in()
    if not extend(seconds=AT_ONCE):
        send("audit.tasks.index_events")
