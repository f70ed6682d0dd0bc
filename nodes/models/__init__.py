"""One machine: the row, its contact with the leader, the commands to it."""

from nodes.models.application import Application, ApplicationQuerySet
from nodes.models.command import Command
from nodes.models.contact import Contact
from nodes.models.node import Node, NodeQuerySet

__all__ = ["Application", "ApplicationQuerySet", "Command", "Contact", "Node", "NodeQuerySet"]
