"""The three dots behind a node (S15, S18, S23, S30)."""

import re

import pytest
from django.test import Client

from cluster.models import Cluster, Operation
from nodes.models import Node
from tests.cluster.factories import add_node, hear_from

pytestmark = pytest.mark.django_db
CHANGES = ["See details", "Edit label", "Set FQDN", "Settings"]
MOVES = ["Promote to leader", "Remove from cluster"]


def entries(browser: Client, number: int, *, path: str = "/nodes/") -> dict[str, str]:
    """What the node's menu offers, and why it does not."""
    page = browser.get(path).text
    _, _, after = page.partition(f'id="menu-{number}">')
    items = re.findall(r"<li[^>]*>(.*?)</li>", after.partition("</ul>")[0], re.DOTALL)
    return dict(map(_parse, items))


def _parse(item: str) -> tuple[str, str]:
    label, _, rest = item.partition('<span class="hint">')
    return re.sub("<[^>]*>", "", label).strip(), rest.partition("<")[0]


def add_worker(**values: object) -> Node:
    node = add_node(2, eligible=True, **values)
    hear_from(2)
    return node


def test_worker_can_be_changed_promoted_and_removed(browser: Client, cluster: Cluster) -> None:
    """S18, S30."""
    add_worker()

    assert entries(browser, 2) == dict.fromkeys(CHANGES + MOVES, "")


def test_leader_has_neither_promotion_nor_removal(browser: Client, cluster: Cluster) -> None:
    """S15, S30."""
    assert list(entries(browser, 1)) == CHANGES


def test_entries_lead_to_pages_that_answer(browser: Client, cluster: Cluster) -> None:
    add_worker()
    page = browser.get("/nodes/").text

    links = re.findall(r'id="menu-2-\w+" href="([^"]+)"', page)

    assert len(links) == len(CHANGES + MOVES)
    assert {browser.get(link).status_code for link in links} == {200}


def test_node_that_is_offline_cannot_be_promoted_and_can_be_removed(
    browser: Client, cluster: Cluster
) -> None:
    """S17, S23."""
    add_node(2, eligible=True)

    shown = entries(browser, 2)

    assert shown["Promote to leader"] == "It is offline."
    assert shown["Remove from cluster"] == ""


def test_node_that_may_not_lead_says_so(browser: Client, cluster: Cluster) -> None:
    add_node(2, eligible=False)
    hear_from(2)

    assert "may not become leader" in entries(browser, 2)["Promote to leader"]


def test_joining_node_is_neither_promoted_nor_removed(browser: Client, cluster: Cluster) -> None:
    add_worker(state=Node.State.JOINING)

    shown = entries(browser, 2)

    assert shown["Promote to leader"] == "It is joining."
    assert shown["Remove from cluster"] == "It is joining. Cancel that first."


def test_nobody_moves_while_an_operation_runs(browser: Client, cluster: Cluster) -> None:
    add_worker()
    Operation.objects.update(state=Operation.State.RUNNING, ended_at=None)

    shown = entries(browser, 2)

    assert {shown[label] for label in MOVES} == {"Another operation is running."}


@pytest.mark.parametrize("kind", [Operation.Kind.BACKUP, Operation.Kind.CHANGE_APPLICATION])
def test_backup_and_applications_keep_nobody_from_moving(
    kind: Operation.Kind, browser: Client, cluster: Cluster
) -> None:
    add_worker()
    Operation.objects.update(kind=kind, state=Operation.State.RUNNING, ended_at=None)

    shown = entries(browser, 2)

    assert {shown[label] for label in MOVES} == {""}


def test_disabled_entry_is_no_link(browser: Client, cluster: Cluster) -> None:
    add_node(2, eligible=False)

    assert 'href="/nodes/2/promote/"' not in browser.get("/nodes/").text


def test_page_of_the_node_has_the_same_menu(browser: Client, cluster: Cluster) -> None:
    add_worker()

    assert entries(browser, 2, path="/nodes/2/") == entries(browser, 2)


def test_auditor_sees_details_and_no_more(auditor: Client, cluster: Cluster) -> None:
    add_worker()

    assert list(entries(auditor, 2)) == ["See details"]
