"""The cluster as a whole: state, join codes, operations, leadership."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = "Cluster"

    def ready(self) -> None:
        """Make the engine know every workflow."""
        from cluster.workflows import registry

        registry.load()
