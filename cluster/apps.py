"""The cluster as a whole: state, join codes, operations, leadership."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = "Cluster"

    def ready(self) -> None:
        """Make the engine know every workflow, and make every change below a new generation."""
        from accounts import replica as accounts
        from cluster import state
        from cluster.workflows import registry
        from nodes import replica as nodes

        registry.load()
        accounts.on_change(state.note_change)
        nodes.on_change(state.note_change)
