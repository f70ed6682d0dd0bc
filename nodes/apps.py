"""Nodes: one machine, what it reports, and the commands to it."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    name = "nodes"
    verbose_name = "Nodes"
