"""Celery tasks about nodes."""

from django.utils import timezone

from config.celery import app
from nodes import role
from nodes.services import metrics


@app.task
def sample_metrics() -> None:
    """Every five minutes, on the leader: note how busy each node is."""
    if role.current().is_leader:
        metrics.sample_metrics(timezone.now())
