"""What the tests of backups that run begin with, and look at."""

import pytest

from audit.models import AuditEvent
from cluster.models import Cluster
from tests.cluster.backups import InlineJobs, set_up


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


@pytest.fixture
def ready(cluster: Cluster, jobs: InlineJobs) -> InlineJobs:
    """A leader whose backup password is set."""
    set_up()
    return jobs
