"""One's own browser sessions: seen, and ended."""

import pytest

from accounts.models import Session
from audit.models import AuditEvent
from tests.accounts.factories import api_client, browser, codes_of, make_administrator

pytestmark = pytest.mark.django_db
PATH = "/api/v1/account/sessions/"


def test_sessions_are_listed_with_address_and_browser() -> None:
    client = browser(make_administrator("ann"))

    listed = client.get(PATH).json()["results"]

    assert len(listed) == 1
    assert (listed[0]["source"], listed[0]["user_agent"]) == ("127.0.0.1", "Firefox")
    assert listed[0]["is_current"] is True


def test_session_key_is_never_shown() -> None:
    client = browser(make_administrator("ann"))
    key = Session.objects.get().session_key

    assert key not in client.get(PATH).content.decode()
    assert key not in client.get("/account/").content.decode()


def test_ended_session_is_out_at_once() -> None:
    ann = make_administrator("ann")
    client, other = browser(ann), browser(ann)
    listed = client.get(PATH).json()["results"]
    session = next(each for each in listed if not each["is_current"])

    assert client.delete(f"{PATH}{session['id']}/").status_code == 204

    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_all_others_are_ended_by_page() -> None:
    ann = make_administrator("ann")
    client, other = browser(ann), browser(ann)

    client.post("/account/sessions/end/")

    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    assert AuditEvent.objects.get(action="account.session.ended").details == {"sessions": 1}


def test_program_ends_all_browser_sessions() -> None:
    ann = make_administrator("ann")
    page = browser(ann)

    assert api_client(ann).delete(PATH).status_code == 204

    assert page.get("/account/").status_code == 302


def test_session_of_somebody_else_is_not_found() -> None:
    browser(make_administrator("bob"))
    theirs = Session.objects.get().public_id
    client = api_client(make_administrator("ann"))

    assert codes_of(client.delete(f"{PATH}{theirs}/")) == ["session_not_found"]
    assert Session.objects.count() == 1
