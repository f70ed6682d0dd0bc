"""The audit trail: append-only events about everything that changes."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        """So that pages in another language recognise what is stored in English."""
        from audit import reasons
        from config.sentences import remember

        remember(reasons.ALL)
