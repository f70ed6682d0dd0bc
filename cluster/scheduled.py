"""What the clock asks of the cluster: a backup, tidy logs, and providers that know each other."""

import structlog
from django.utils import timezone

from cluster.logs import keeping, store
from cluster.logs.forwarding.delivery import forward
from cluster.models import LogSettings
from cluster.services import backups, providers
from config.celery import app, send
from config.errors import DomainError
from nodes import role
from nodes.role import Role

log = structlog.get_logger(__name__)
AT_ONCE = 1.0
"""Seconds for one run of what goes on at once while there is more."""
INDEXING = 30.0
"""Seconds in ten minutes, about: after an update from a release without it there is much."""


@app.task
def back_up() -> None:
    """Begin the backup that is due; on a node that leads no more, forget the password."""
    present = role.current()
    backups.clear_leftovers(leads=present.role in (Role.LEADER, Role.UNINITIALISED))
    if present.role in (Role.WORKER, Role.REMOVED):
        backups.forget_password()
    if not present.is_leader or present.is_contested:
        return
    try:
        backups.begin_scheduled(timezone.now())
    except DomainError as error:
        log.warning("backup_not_begun", code=error.code, detail=error.detail)


@app.task
def keep_logs() -> None:
    """Pack the logs of days that are over, and index them; the leader deletes what is too old or
    too much.
    """
    root, today, settings = store.folder(), timezone.now().date(), LogSettings.load()
    keeping.pack_old(root, today=today)
    if role.current().is_leader:
        keeping.delete_old(root, today=today, days=settings.keep_days, most=settings.keep_bytes)
    keeping.index_packed(root, seconds=INDEXING)


@app.task
def forward_logs() -> None:
    """Every few seconds, and again at once while there is more: what the syslog receiver lacks."""
    if forward(seconds=AT_ONCE):
        send("cluster.scheduled.forward_logs")


@app.task
def tend_domains() -> None:
    """Tell providers of accounts about their present peers."""
    present = role.current()
    if present.is_leader and not present.is_contested:
        providers.tend()
