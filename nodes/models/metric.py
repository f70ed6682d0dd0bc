"""A node's figures every five minutes, for a day: the leader's own notes, which do not travel."""

from datetime import datetime, timedelta

from django.db import models

from nodes.models.node import Node

EVERY = timedelta(minutes=5)
KEPT = timedelta(hours=24)
"""288 rows a node."""


class MetricQuerySet(models.QuerySet["Metric"]):
    def of_the_last_day(self, node: Node, *, now: datetime) -> "MetricQuerySet":
        """In the order of time."""
        return self.filter(node=node, at__gt=now - KEPT).order_by("at")

    def outdated(self, now: datetime) -> "MetricQuerySet":
        return self.filter(at__lte=now - KEPT)


class Metric(models.Model):
    """What a node reported last before ``at``; null for what it did not report."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField(db_index=True)
    cpu_percent = models.PositiveSmallIntegerField(null=True)
    """Over the last five minutes."""
    load = models.FloatField(null=True)
    """Over the last five minutes."""
    memory_percent = models.PositiveSmallIntegerField(null=True)
    disks = models.JSONField(default=dict)
    """Percentages in use, by path."""

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "at"], name="nodes_metric_once"),
        ]

    def __str__(self) -> str:
        return f"node{self.node_id} at {self.at:%F %R}"
