"""A token that is used from a new address is told of, once for each."""

from pathlib import Path

import pytest
from rest_framework.test import APIClient

from accounts.models import TokenAddress
from audit import spill
from audit.models import AuditEvent
from tests.accounts.factories import (
    client_with,
    codes_of,
    login,
    make_administrator,
    named_client,
)

pytestmark = pytest.mark.django_db
ACTION = "token.used_elsewhere"


@pytest.fixture(autouse=True)
def spill_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "path", lambda: tmp_path / "spill.jsonl")


def use(client: APIClient, *addresses: str) -> None:
    for address in addresses:
        assert client.get("/api/v1/account/", REMOTE_ADDR=address).status_code == 200


def told() -> list[str]:
    """The addresses that the trail names, the first one first."""
    events = AuditEvent.objects.filter(action=ACTION).order_by("pk")
    return list(events.values_list("source", flat=True))


def test_each_new_address_is_told_once() -> None:
    client = named_client(make_administrator("ann"))

    use(client, "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2")

    assert told() == ["192.0.2.1", "192.0.2.2"]


def test_each_token_has_addresses_of_its_own() -> None:
    ann = make_administrator("ann")

    use(named_client(ann), "192.0.2.1")
    use(named_client(ann), "192.0.2.1")

    assert told() == ["192.0.2.1", "192.0.2.1"]


def test_hosts_of_one_ipv6_network_are_one_address() -> None:
    """Privacy extensions change the rest every day (RFC 8981)."""
    client = named_client(make_administrator("ann"))

    use(client, "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")

    assert told() == ["2001:db8::1", "2001:db8:0:1::1"]


def test_token_of_a_login_is_at_home_where_that_was() -> None:
    make_administrator("ann")
    client = client_with(login(username="ann").json()["token"])

    use(client, "127.0.0.1", "192.0.2.9")

    assert told() == ["192.0.2.9"]


def test_revoked_token_is_forgotten_with_its_addresses() -> None:
    ann = make_administrator("ann")
    use(named_client(ann), "192.0.2.1")

    ann.auth_token_set.all().delete()

    assert not TokenAddress.objects.exists()


def test_address_is_told_although_the_token_may_not_come_from_there() -> None:
    client = named_client(make_administrator("ann"), allowed_networks=["192.0.2.0/24"])

    assert client.get("/api/v1/account/", REMOTE_ADDR="203.0.113.5").status_code == 403

    assert told() == ["203.0.113.5"]


def test_new_address_is_told_later_where_the_trail_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a login is: whoever comes to look is let in, and what they may do is asked as ever."""
    client = named_client(make_administrator("ann"))
    with monkeypatch.context() as broken:
        broken.setattr("audit.append.READ", "SELECT nothing FROM nowhere")

        use(client, "192.0.2.1", "192.0.2.1")
    spill.take_in()

    assert told() == ["192.0.2.1"]


def test_new_address_that_cannot_be_told_at_all_is_refused_and_stays_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = named_client(make_administrator("ann"))
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("audit.append.READ", "SELECT nothing FROM nowhere")
        broken.setattr(spill, "LARGEST", -1)

        answer = client.get("/api/v1/account/", REMOTE_ADDR="192.0.2.1")
    use(client, "192.0.2.1")

    assert (answer.status_code, codes_of(answer)) == (503, ["audit_unavailable"])
    assert told() == ["192.0.2.1"]
