"""A form sent by somebody who is no longer logged in: what is said, and where it goes on."""

import pytest
from django.test import Client

from tests.accounts.factories import browser

pytestmark = pytest.mark.django_db
SAID = "You were no longer logged in."


@pytest.mark.parametrize(
    ("path", "after"),
    [("/account/password/", "/account/password/"), ("/account/sessions/end/", "/")],
    ids=["page", "button"],
)
def test_late_form_leads_by_the_login_to_a_page_that_can_be_opened(path: str, after: str) -> None:
    answer = Client().post(path)

    assert answer.headers["Location"] == f"/login/?late=1&next={after}"


def test_login_says_that_the_form_came_too_late() -> None:
    assert SAID in browser().get("/login/?late=1&next=/").content.decode()


def test_login_says_nothing_of_forms_to_who_sent_none() -> None:
    assert SAID not in browser().get("/login/?next=/").content.decode()
