"""Passwords that somebody would guess who knows where they are used."""

import uuid

import pytest
from django.conf import settings

from accounts.errors import PasswordNotAcceptable
from accounts.models import Administrator
from accounts.passwords import check_acceptable
from cluster.models import Cluster
from nodes.models import Node
from tests.accounts.factories import PASSWORD, api_client, codes_of, make_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> None:
    """A cluster with a label and a host."""
    Cluster.objects.create(uuid=uuid.uuid4(), label="Harbour Fleet", vpn_network="10.5.4.0/24")
    Node.objects.create(id=7, fqdn="ferry7.example.org", state=Node.State.ACTIVE)


def person() -> Administrator:
    return Administrator(username="mrossi", full_name="Mario Rossi Li", email="super@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "my mrossi password 1",
        "hello MARIO how are you",
        "Ro-ssi 72 and more words",
        "superhuman strength 4",
        "Flotilla-2026-summer",
        "harbour fleet of genoa",
        "i log in to harbour-fleet",
        "the ferry7 is my favourite",
    ],
)
def test_name_of_person_product_cluster_or_host_is_refused(password: str, fleet: None) -> None:
    """Whatever the case, the blanks and the punctuation."""
    with pytest.raises(PasswordNotAcceptable, match="easy to guess here"):
        check_acceptable(password, person(), field="new_password")


@pytest.mark.parametrize("password", ["a fleet in the harbour", "listen to this example", PASSWORD])
def test_short_names_and_parts_of_the_label_are_not(password: str, fleet: None) -> None:
    """``Li`` is a name, and part of a thousand words; ``example`` is in every host's domain."""
    check_acceptable(password, person(), field="new_password")


def test_every_word_that_was_found_is_named(fleet: None) -> None:
    with pytest.raises(PasswordNotAcceptable) as refused:
        check_acceptable("mario@harbour fleet", person(), field="new_password")

    assert "“Harbour Fleet”, “Mario”" in refused.value.detail


def test_own_host_counts_before_there_is_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FLOTILLA, "FQDN", "quayside.example.org")

    with pytest.raises(PasswordNotAcceptable):
        check_acceptable("this is quayside, hello", person(), field="new_password")


def test_own_password_is_looked_at_by_the_api() -> None:
    client = api_client(make_administrator("ann", full_name="Annabel Lee"))

    answer = client.post(
        "/api/v1/account/password/",
        {"current_password": PASSWORD, "new_password": "many years ago, annabel"},
        format="json",
    )

    assert codes_of(answer) == ["password_not_acceptable"]
