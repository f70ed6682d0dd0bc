"""What the tests of backup's API begin with."""

import pytest
from rest_framework.test import APIClient

from cluster.models import Cluster
from tests.accounts.factories import make_administrator
from tests.cluster.backups import InlineJobs
from tests.cluster.factories import json_client

PATH = "/api/v1/cluster/backup/"


@pytest.fixture
def client(cluster: Cluster, jobs: InlineJobs) -> APIClient:
    """An administrator's program, on a leader."""
    return json_client(make_administrator("ann"))
