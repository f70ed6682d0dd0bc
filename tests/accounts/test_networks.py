"""Networks that an account or a token may come from."""

import pytest

from accounts.errors import InvalidNetwork
from accounts.networks import is_allowed, normalise


def test_networks_are_written_one_way_each_once() -> None:
    given = ["192.0.2.7/24", "10.0.0.1", "192.0.2.0/24", "2001:DB8::/32"]

    assert normalise(given) == ["10.0.0.1/32", "192.0.2.0/24", "2001:db8::/32"]


@pytest.mark.parametrize("value", ["", "300.0.0.0/8", "10.0.0.0/33", "example.org", "10.0.0.0/8;"])
def test_what_is_no_network_is_refused(value: str) -> None:
    with pytest.raises(InvalidNetwork) as refused:
        normalise([value])

    assert refused.value.field == "allowed_networks"


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("192.0.2.7", [], True),
        (None, [], True),
        ("192.0.2.7", ["192.0.2.0/24"], True),
        ("192.0.3.7", ["192.0.2.0/24"], False),
        ("192.0.3.7", ["192.0.2.0/24", "192.0.3.0/24"], True),
        ("2001:db8::1", ["192.0.2.0/24"], False),
        (None, ["192.0.2.0/24"], False),
    ],
)
def test_address_is_allowed_in_one_of_the_networks(
    address: str | None, networks: list[str], allowed: bool
) -> None:
    assert is_allowed(address, networks) is allowed
