"""Pages keep up with what happens elsewhere: fragments, banners, and what they cost."""

from typing import Any

import pytest
from django.test import Client

from cluster.models import Cluster, Operation
from tests.cluster.factories import Newcomer, add_node, make_code
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
POLL = {"HX-Request": "true"}
LIVE = ["/overview/", "/nodes/", "/nodes/1/", "/operations/", "/applications/", "/domains/"]


def fragment(browser: Client, path: str) -> str:
    return browser.get(path, headers=POLL).text


@pytest.mark.parametrize("path", LIVE)
def test_poll_gets_the_live_part_alone(path: str, browser: Client, cluster: Cluster) -> None:
    assert f'data-hx-get="{path}"' in browser.get(path).text
    assert "<html" not in fragment(browser, path)


@pytest.mark.parametrize("path", LIVE)
def test_live_part_is_the_same_as_long_as_nothing_happens(
    path: str, browser: Client, cluster: Cluster
) -> None:
    """The browser then leaves the page alone: focus and selection stay where they are."""
    assert fragment(browser, path) == fragment(browser, path)


def test_node_that_joins_elsewhere_shows_up(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.enrol(make_code()[1])

    assert "node2.example.org" in fragment(browser, "/nodes/")


def test_running_operation_is_announced_on_every_page(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.enrol(make_code()[1])

    for path in [*LIVE, "/settings/cluster/", "/account/", "/banners/"]:
        assert "Let node2.example.org join." in fragment(browser, path), path


def test_operation_is_not_announced_on_its_own_page(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    newcomer.enrol(make_code()[1])
    url = f"/operations/{Operation.objects.get(kind='join').pk}/"

    assert "Follow it" not in browser.get(url).text


def test_page_without_a_live_part_still_keeps_its_banners_up_to_date(
    browser: Client, cluster: Cluster
) -> None:
    assert 'id="banners" data-hx-get="/banners/"' in browser.get("/settings/cluster/").text


def test_silent_agent_is_announced(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.available = False

    assert "This node's agent does not answer." in fragment(browser, "/banners/").replace(
        "&#x27;", "'"
    )


def test_vpn_that_is_off_is_announced_with_its_reason(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.machine.vpn_state = "off"
    local_agent.machine.vpn_reason = "Flotilla does not run as root."

    banners = fragment(browser, "/banners/")

    assert "The VPN is off on this node." in banners
    assert "Flotilla does not run as root." in banners


def test_vpn_that_fails_is_announced_with_its_reason(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.machine.vpn_state = "failed"
    local_agent.machine.vpn_reason = "wireguard-go is missing."

    assert "wireguard-go is missing." in fragment(browser, "/banners/")


def test_healthy_leader_announces_nothing(browser: Client, cluster: Cluster) -> None:
    assert fragment(browser, "/banners/").strip() == ""


def test_all_pages_together_ask_the_agent_once_in_two_seconds(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.calls.clear()

    for path in LIVE * 3:
        fragment(browser, path)

    assert local_agent.calls == [("GET", "/v1/status")]


@pytest.mark.parametrize("path", [*LIVE, "/banners/"])
def test_poll_costs_few_queries(
    path: str, browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    for number in range(2, 17):
        add_node(number)

    with django_assert_max_num_queries(12):
        fragment(browser, path)


def test_poll_of_somebody_logged_out_reloads_the_page(stranger: Client, cluster: Cluster) -> None:
    answer = stranger.get("/nodes/", headers=POLL)

    assert answer.headers["HX-Refresh"] == "true"


def test_navigation_follows_when_the_node_gets_another_role(
    browser: Client, cluster: Cluster
) -> None:
    """The page was opened on a new machine, which leads a cluster by now."""
    banners = fragment(browser, "/banners/?role=uninitialised")

    assert 'data-hx-swap-oob="true"' in banners
    assert 'href="/nodes/"' in banners


def test_navigation_is_not_sent_while_the_role_is_the_same(
    browser: Client, cluster: Cluster
) -> None:
    assert 'href="/nodes/"' not in fragment(browser, "/banners/?role=leader")


def test_page_says_in_which_role_it_was_opened(browser: Client, cluster: Cluster) -> None:
    page = browser.get("/nodes/").text

    assert """data-hx-vals='{"role": "leader"}'""" in page
