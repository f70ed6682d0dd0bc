"""Puts a patient workflow in the place of the creation."""

from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings


class PatientConfig(AppConfig):
    name = "tests.config.patient"
    label = "patient"

    def ready(self) -> None:
        """Last of all apps, so that this one counts."""
        from cluster.models import Operation
        from cluster.workflows.registry import register
        from cluster.workflows.steps import Run, Step, Wait, Workflow

        def wait_for_file(run: Run) -> None:
            if not (settings.STATE_DIR / "go").exists():
                raise Wait(0.2)

        long = timedelta(minutes=30)
        steps = (Step("wait", act=wait_for_file, deadline=long),)
        register(Workflow(Operation.Kind.CREATE, steps, deadline=long))
