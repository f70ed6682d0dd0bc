"""Celery tasks: they know only ids, and the database knows the rest."""

from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from kombu.exceptions import OperationalError

from cluster.models import Operation
from cluster.workflows import engine
from config.celery import app

log = structlog.get_logger(__name__)


@app.task
def advance(operation_id: str) -> None:
    """Carry one operation forward as far as it goes now, and come back when it is worth it."""
    pause = engine.advance(UUID(operation_id))
    if pause is not None:
        send(advance, operation_id, countdown=pause)


@app.task
def sweep() -> None:
    """Send what is due again: its message was lost, or its worker died."""
    for operation in Operation.objects.due(timezone.now()).only("pk"):
        send(advance, str(operation.pk))


def send(task: Any, *arguments: str, countdown: float | None = None) -> None:
    """Publish a task; a broker that is down costs nothing, because the sweeper sends again."""
    try:
        task.apply_async(arguments, countdown=countdown)
    except OperationalError as error:
        log.warning("broker_unavailable", task=task.name, error=str(error))
