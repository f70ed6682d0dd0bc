"""Keeping what nodes report of themselves, for the charts of the last day."""

from datetime import datetime, timedelta

from django.db import transaction

from nodes.models import Contact, Metric, Node
from nodes.models.metric import EVERY
from nodes.readings import Readings, read

FRESH = timedelta(minutes=1)
"""What an older contact has said is no news: the chart shows a gap."""


@transaction.atomic
def sample_metrics(now: datetime) -> int:
    """Note the figures of every node that was heard from; returns how many.

    Nothing is added to a sync: what it brought is read once in five minutes, for all nodes
    together. Twice in the same five minutes notes nothing more.
    """
    at = _slot(now)
    Metric.objects.outdated(at).delete()
    heard = Contact.objects.filter(
        node__state=Node.State.ACTIVE, last_contact__gt=now - FRESH, facts_digest__gt=""
    )
    metrics = [
        _metric(node_id, read(facts), at=at)
        for node_id, facts in heard.values_list("node_id", "facts")
    ]
    Metric.objects.bulk_create(metrics, ignore_conflicts=True)
    return len(metrics)


def _slot(now: datetime) -> datetime:
    """The beginning of the five minutes that ``now`` is in."""
    seconds = EVERY.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, now.tzinfo)


def _metric(node_id: int, readings: Readings, *, at: datetime) -> Metric:
    return Metric(
        node_id=node_id,
        at=at,
        cpu_percent=readings.cpu_percent,
        load=readings.load[1] if readings.load else None,
        memory_percent=readings.memory.percent if readings.memory else None,
        disks={disk.name: disk.percent for disk in readings.disks},
    )
