"""A fresh machine, before and after it restores a backup."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import Administrator
from cluster.backup import age
from cluster.models import Cluster, Operation
from tests.accounts.factories import make_administrator
from tests.cluster.backups import PASSWORD, Elsewhere

Move = Callable[[], Elsewhere]


def opened(file: Path) -> bytes:
    return age.open_sealed(file.read_bytes(), password=PASSWORD)


@pytest.fixture
def there(elsewhere: Move) -> Elsewhere:
    """A fresh machine, and a good backup."""
    found = elsewhere()
    make_administrator("first-start")
    return found


def assert_untouched(there: Elsewhere) -> None:
    assert set(Administrator.objects.values_list("username", flat=True)) == {"first-start"}
    assert not Cluster.objects.exists()
    assert not Operation.objects.open().exists()
    assert there.agent.status()["role"] == "uninitialised"
