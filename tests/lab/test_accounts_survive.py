"""What a promotion leaves of accounts: everything but what people are logged in by (S26, S43)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.lab import fleet, people
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.people import Person

pytestmark = pytest.mark.lab
ANYWHERE, ELSEWHERE = ["0.0.0.0/0"], ["203.0.113.0/24"]


@dataclass(frozen=True)
class Move:
    """What there was before the lead moved, and the leader of afterwards."""

    new: Host
    admin: Person
    bob: Person
    otto: Person
    listed: list[dict[str, Any]]
    logins: list[str]
    reader: str
    elsewhere: str

    def there(self, person: Person) -> Person:
        """The same person, at the new leader."""
        return replace(person, host=self.new, token="")


@pytest.fixture(scope="module")
def move(make_lab: Callable[..., Lab]) -> Move:
    """Node 1 hands over to node 2, with three people of different kinds."""
    ships = fleet.gather(make_lab, nodes=2, joined=2)
    admin = people.first(ships.leader)
    admin.enable_two_factor()
    ships = fleet.knowing(ships.lab, admin.make_token("lab"))
    bob = admin.create(
        "bob", password="staple the battery", full_name="Bob", allowed_networks=ANYWHERE
    )
    otto = admin.create("otto", password="nine lives and a tin", role="auditor")
    bob.enable_two_factor()
    bob.log_in(code=bob.recovery_codes[0])
    reader = bob.make_token("reads", read_only=True, allowed_networks=ANYWHERE)
    elsewhere = bob.make_token("elsewhere", allowed_networks=ELSEWHERE)
    listed = shown(admin)
    admin.ask("PATCH", "access-policy/", {"second_factor_required": True})
    ships.wait_until_whole(size=2)
    assert ships.promote(2)["state"] == "succeeded"
    logins = [person.token for person in (admin, bob, otto)]
    return Move(ships.hosts[2], admin, bob, otto, listed, logins, reader, elsewhere)


def shown(person: Person) -> list[dict[str, Any]]:
    """Everybody, as other programs see them, without what depends on the machine."""
    found = person.ask("GET", "administrators/")["results"]
    return [
        {k: v for k, v in each.items() if k not in ("last_login", "sessions")} for each in found
    ]


def test_sessions_and_logins_have_ended(move: Move) -> None:
    for token in move.logins:
        assert move.new.request("GET", "/api/v1/account/", token=token).status == 401


def test_second_factors_and_roles_are_those_of_before(move: Move) -> None:
    admin = move.there(move.admin)
    refused = move.new.request(
        "POST",
        "/api/v1/auth/login/",
        {
            "username": "admin",
            "password": admin.password,
        },
    )
    assert refused.status == 401
    admin.log_in(code=admin.recovery_codes[0])
    assert shown(admin) == move.listed


def test_recovery_codes_that_are_left_are_good_and_the_used_one_is_not(move: Move) -> None:
    bob = move.there(move.bob)
    used = {"username": "bob", "password": bob.password, "otp": bob.recovery_codes[0]}
    assert move.new.request("POST", "/api/v1/auth/login/", used).status == 401
    bob.log_in(code=bob.recovery_codes[1])
    assert bob.ask("GET", "account/")["recovery_codes_left"] == 8
    bob.log_in(code=bob.next_code())


def test_tokens_keep_their_limits(move: Move) -> None:
    new = move.new
    assert new.request("GET", "/api/v1/nodes/", token=move.reader).status == 200
    refused = new.request("PATCH", "/api/v1/nodes/1/", {"label": "x"}, token=move.reader)
    assert (refused.status, refused.body["errors"][0]["code"]) == (403, "read_only_access")
    answer = new.request("GET", "/api/v1/nodes/", token=move.elsewhere)
    assert (answer.status, answer.body["errors"][0]["code"]) == (403, "network_not_allowed")


def test_what_the_cluster_asks_of_everybody_it_asks_still(move: Move) -> None:
    otto = move.there(move.otto)
    otto.log_in()
    refused = move.new.request("GET", "/api/v1/nodes/", token=otto.token)
    assert expect(refused, 403).body["errors"][0]["code"] == "second_factor_required"
