"""The cluster as a whole: state, join codes, operations, leadership."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    name = "cluster"
    verbose_name = "Cluster"

    def ready(self) -> None:
        """Tell the engine of every workflow, and the apps below of the cluster."""
        from accounts import context_words
        from accounts import replica as accounts
        from accounts.webauthn import names
        from audit import replica as audit
        from cluster import sentences, state
        from cluster.context_words import label_and_hosts
        from cluster.passkey_names import names_of_consoles
        from cluster.workflows import registry
        from nodes import replica as nodes

        registry.load()
        sentences.remember_all()
        accounts.changed.to(state.note_change)
        nodes.changed.to(state.note_change)
        audit.changed.to(state.note_change)
        context_words.on_ask(label_and_hosts)
        names.on_ask(names_of_consoles)
