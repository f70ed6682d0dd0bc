"""The trail's settings survive a promotion; its events do not travel."""

import pytest

from audit import replica
from audit.models import Retention

pytestmark = pytest.mark.django_db


def test_settings_come_back_as_they_were() -> None:
    Retention.objects.create(days=365, megabytes=None)
    data = replica.export()
    Retention.objects.update(days=1)

    replica.restore(data)

    assert Retention.objects.values_list("days", "megabytes").get() == (365, None)


def test_state_of_an_earlier_release_keeps_everything() -> None:
    Retention.objects.create(days=1)

    replica.restore({})

    assert not Retention.objects.exists()
