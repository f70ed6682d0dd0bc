"""Typed commands to a node, remembered until it acknowledges them."""

from django.db import models
from django.utils import timezone

from nodes.models.node import Node


class Command(models.Model):
    """One verb for one node, safe to repeat; delivered with every sync until it is answered."""

    class Verb(models.TextChoices):
        PROBE = "probe", "probe"
        REFRESH = "refresh", "refresh"
        INSTALL_APPLICATION = "install_application", "install an application"
        REMOVE_APPLICATION = "remove_application", "remove an application"
        SET_APPLICATION_STATE = "set_application_state", "start or stop an application"
        READ_APPLICATION_LOGS = "read_application_logs", "read an application's logs"
        PROBE_DIRECTORY = "probe_directory", "look at directories of accounts"
        WITNESS = "witness", "remember the audit trail"

    QUESTIONS = (Verb.READ_APPLICATION_LOGS, Verb.PROBE_DIRECTORY)
    """They change nothing, and whoever asks waits for the answer and takes it away."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="commands")
    verb = models.CharField(max_length=32, choices=Verb.choices)
    arguments = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["node"],
                condition=models.Q(acknowledged_at__isnull=True),
                name="nodes_command_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} for node{self.node_id}"
