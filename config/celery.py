"""The Celery application: it carries operations forward and sweeps."""

import os
import warnings

import structlog
from celery import Celery
from celery.exceptions import SecurityWarning
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
warnings.filterwarnings("ignore", category=SecurityWarning)  # a node's processes are root's
app = Celery("flotilla")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["cluster"], related_name="scheduled")
app.steps["consumer"].add("config.worker:Beat")
log = structlog.get_logger(__name__)


def send(
    task: str, *arguments: str, countdown: float | None = None, expires: float | None = None
) -> None:
    """Publish a task by name; a broker that is down costs nothing, the sweeper sends again."""
    try:
        app.send_task(task, arguments, countdown=countdown, expires=expires)
    except OperationalError as error:
        log.warning("broker_unavailable", task=task, error=str(error))
