"""One machine: the row, its contact with the leader, its figures, the commands to it."""

from nodes.models.application import Application, ApplicationQuerySet
from nodes.models.command import Command
from nodes.models.contact import Contact
from nodes.models.metric import Metric, MetricQuerySet
from nodes.models.node import Node, NodeQuerySet

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Command",
    "Contact",
    "Metric",
    "MetricQuerySet",
    "Node",
    "NodeQuerySet",
]
