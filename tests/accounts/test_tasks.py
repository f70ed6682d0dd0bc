"""Housekeeping."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import ApiToken, Session
from accounts.tasks import tidy_up
from tests.accounts.factories import api_client, browser, make_administrator

pytestmark = pytest.mark.django_db


def test_what_has_expired_is_forgotten_and_nothing_else() -> None:
    ann = make_administrator("ann")
    browser(ann)
    api_client(ann)

    tidy_up()
    assert (Session.objects.count(), ApiToken.objects.count()) == (1, 1)

    with time_machine.travel(timezone.now() + timedelta(hours=12, seconds=1)):
        tidy_up()
    assert (Session.objects.count(), ApiToken.objects.count()) == (0, 0)
