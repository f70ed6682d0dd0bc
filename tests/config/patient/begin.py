"""Opens one operation, as the web would: ``python -m tests.config.patient.begin``."""

import django

django.setup()

from audit.actor import Actor  # noqa: E402
from cluster.models import Operation  # noqa: E402
from cluster.services.operations import open_operation  # noqa: E402

open_operation(Operation.Kind.CREATE, actor=Actor.system(), parameters={})
