"""What this machine says of itself in join codes and states."""

from types import SimpleNamespace
from typing import Any

import pytest

from cluster import identity, resolver


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("0.0.0.0:8443", "https://node1.example.org:8443"),
        ("0.0.0.0:443", "https://node1.example.org"),
        (":9443", "https://node1.example.org:9443"),
        ("192.0.2.1:8443", "https://node1.example.org:8443"),
    ],
)
def test_console_is_where_the_web_listens(listen: str, url: str, settings: Any) -> None:
    settings.FLOTILLA = SimpleNamespace(LISTEN=listen)

    assert identity.console_url("node1.example.org") == url


def test_machine_that_listens_at_one_address_names_that(settings: Any) -> None:
    settings.FLOTILLA = SimpleNamespace(LISTEN="192.0.2.1:8443")

    assert identity.own_addresses() == ["192.0.2.1"]


def test_machine_that_listens_everywhere_names_what_others_can_reach(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from socket import AF_INET, AF_INET6

    settings.FLOTILLA = SimpleNamespace(LISTEN="0.0.0.0:8443", VPN_INTERFACE="wg0")
    entries = {
        "lo": [SimpleNamespace(family=AF_INET, address="127.0.0.1")],
        "wg0": [SimpleNamespace(family=AF_INET, address="10.5.4.1")],
        "eth1": [SimpleNamespace(family=AF_INET, address="169.254.1.1")],
        "eth0": [
            SimpleNamespace(family=AF_INET6, address="2001:db8::1"),
            SimpleNamespace(family=AF_INET, address="192.0.2.1"),
        ],
    }
    monkeypatch.setattr("cluster.identity.psutil.net_if_addrs", lambda: entries)

    assert identity.own_addresses() == ["192.0.2.1"]


def test_urls_are_few_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [f"192.0.2.{number}" for number in range(9)]
    monkeypatch.setattr(identity, "own_addresses", lambda: [*addresses, *addresses])

    urls = identity.console_urls(first="https://node1.example.org:8443")

    assert len(urls) == len(set(urls)) == identity.MOST_URLS
    assert urls[0] == "https://node1.example.org:8443"


def test_own_loopback_name_resolves(settings: Any) -> None:
    settings.RESOLVER = None

    assert resolver.resolves("localhost")


def test_slow_dns_holds_nobody_up(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    settings.RESOLVER = None
    monkeypatch.setattr(resolver, "TIMEOUT", 0.1)
    answered = threading.Event()
    monkeypatch.setattr("cluster.resolver.socket.getaddrinfo", lambda *_: answered.wait(5))

    assert not resolver.resolves("slow.example.org")
    answered.set()
