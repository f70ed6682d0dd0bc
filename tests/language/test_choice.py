"""Pages speak the language of whoever asks; programs, the trail and what is stored, English."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts import replica
from accounts.errors import UsernameTaken
from accounts.models import Administrator
from audit.models import AuditEvent
from config.wording import in_words
from tests.accounts.factories import api_client, log_in_directly, make_administrator
from tests.cluster.conftest import cluster, tls_certificate
from tests.fakes import local_agent

__all__ = ["cluster", "local_agent", "tls_certificate"]
pytestmark = pytest.mark.django_db
ITALIAN = {"Accept-Language": "it-IT,it;q=0.9,en;q=0.5"}


def visitor(language: str = "", **asked: str) -> Client:
    """A browser in which somebody is logged in who chose ``language``."""
    client = Client(headers=asked)
    log_in_directly(client, make_administrator("ann", language=language))
    return client


@pytest.mark.parametrize(
    ("asked", "language"), [("it", "it"), ("de, it;q=0.1", "it"), ("de", "en")]
)
def test_stranger_sees_what_the_browser_asks_for(client: Client, asked: str, language: str) -> None:
    page = client.get("/login/", headers={"Accept-Language": asked})

    assert f'<html lang="{language}">' in page.text
    assert page.headers["Content-Language"] == language
    assert "Accept-Language" in page.headers["Vary"]


@pytest.mark.parametrize(
    ("chosen", "words"), [("", "Lingua"), ("it", "Lingua"), ("en", "Language")], ids=str
)
def test_choice_comes_before_the_browser(cluster: Any, chosen: str, words: str) -> None:
    page = visitor(chosen, **ITALIAN).get("/account/")

    assert f'<h2 id="language-title">{words}</h2>' in page.text


def test_choice_is_made_in_account_and_answered_in_it(cluster: Any) -> None:
    client = visitor()

    page = client.post("/account/language/", {"language": "it"}, follow=True)

    assert Administrator.objects.get().language == "it"
    assert "La lingua è stata cambiata." in page.text


def test_unknown_language_is_refused(cluster: Any) -> None:
    page = visitor().post("/account/language/", {"language": "tlh"}, follow=True)

    assert Administrator.objects.get().language == ""
    assert "There is no such language." in page.text


def test_api_takes_the_choice_and_stays_english() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.patch("/api/v1/account/", {"language": "it"}, format="json", headers=ITALIAN)
    refused = client.get("/api/v1/administrators/nobody/", headers=ITALIAN)

    assert answer.json()["language"] == "it"
    assert refused.json()["errors"][0]["detail"] == "There is no administrator nobody."
    assert refused.headers["Content-Language"] == "en"


def test_api_refuses_an_unknown_language() -> None:
    client = api_client(make_administrator("ann"))

    answer = client.patch("/api/v1/account/", {"language": "tlh"}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "language")


def test_choice_travels_with_a_promotion() -> None:
    make_administrator("ann", language="it")

    replica.restore(replica.export())

    assert Administrator.objects.get().language == "it"


def test_leader_of_before_there_were_languages_says_none() -> None:
    make_administrator("ann", language="it")
    exported = replica.export()
    del exported["administrators"][0]["language"]

    replica.restore(exported)

    assert Administrator.objects.get().language == ""


def test_refusal_is_shown_in_the_language_and_told_in_english() -> None:
    refused = UsernameTaken(username="bob")

    with override("it"):
        assert refused.shown == "Esiste già un amministratore bob."
        assert refused.detail == "There is an administrator bob already."


def test_stored_refusal_is_shown_in_the_language() -> None:
    with override("it"):
        shown = in_words("There is an administrator bob already.", "username_taken")

    assert shown == "Esiste già un amministratore bob."


def test_django_s_own_refusals_are_italian(cluster: Any) -> None:
    page = visitor("it").post("/account/password/", {})

    assert "Campo obbligatorio." in page.text


def test_trail_is_recorded_in_english_and_read_in_italian(cluster: Any) -> None:
    client = visitor("it")
    client.post("/settings/create-administrator/", {"username": "bob", "role": "auditor"})

    event = AuditEvent.objects.get(action="administrator.created")
    assert event.sentence == "created an administrator"
    assert "created an administrator" in event.search_text
    assert "Ha creato un amministratore" in client.get("/audit/").text


def test_numbers_are_written_as_in_italian(cluster: Any) -> None:
    assert "0,0 MB" in visitor("it").get("/settings/audit/retention/").text
