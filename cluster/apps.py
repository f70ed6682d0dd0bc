"""The cluster as a whole: state, join codes, operations, leadership."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = "Cluster"
