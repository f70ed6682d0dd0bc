"""Operations as people follow them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster.models import Cluster, Operation
from cluster.views import words
from cluster.workflows.registry import WORKFLOWS
from tests.cluster.factories import Newcomer, add_node, carry_on, make_code
from tests.cluster.views.conftest import become
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def join(cluster: Cluster, newcomer: Newcomer) -> Operation:
    """A machine that has a place and is not yet heard from."""
    answer = newcomer.enrol(make_code()[1]).json()
    return Operation.objects.get(pk=answer["operation"])


def test_list_shows_newest_first(browser: Client, join: Operation) -> None:
    shown = browser.get("/operations/").context["operations"]

    assert [operation.kind for operation in shown] == ["join", "create"]


def test_list_costs_the_same_queries_for_many_operations(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    first = Operation.objects.get()
    for _ in range(30):
        first.pk = None
        first.save(force_insert=True)

    with django_assert_max_num_queries(11):
        browser.get("/operations/")


def test_long_list_has_pages(browser: Client, cluster: Cluster) -> None:
    first = Operation.objects.get()
    for _ in range(50):
        first.pk = None
        first.save(force_insert=True)

    assert 'href="?page=2"' in browser.get("/operations/").text
    assert len(browser.get("/operations/?page=2").context["operations"]) == 1


def test_every_step_of_every_workflow_has_words() -> None:
    steps = {(kind, step.name) for kind, flow in WORKFLOWS.items() for step in flow.steps}

    assert steps == set(words.STEPS)


def test_page_shows_the_steps_in_words(browser: Client, join: Operation) -> None:
    page = browser.get(f"/operations/{join.pk}/").text

    assert "Reserve a node number and a VPN address" in page
    assert "Let node2.example.org join" in page


def test_running_operation_can_be_cancelled(browser: Client, join: Operation) -> None:
    assert f'formaction="/operations/{join.pk}/cancel/"' in (
        browser.get(f"/operations/{join.pk}/").text
    )

    browser.post(f"/operations/{join.pk}/cancel/")

    assert carry_on(join, times=5).state == Operation.State.CANCELLED


def test_ended_operation_offers_no_cancel_and_refuses_it(browser: Client, cluster: Cluster) -> None:
    done = Operation.objects.get()

    assert "cancel/" not in browser.get(f"/operations/{done.pk}/").text
    answer = browser.post(f"/operations/{done.pk}/cancel/", follow=True)
    assert "can no longer be cancelled" in answer.text


def test_operation_that_cannot_be_repeated_says_why(browser: Client, cluster: Cluster) -> None:
    done = Operation.objects.get()

    answer = browser.post(f"/operations/{done.pk}/retry/", follow=True)

    assert "it has succeeded" in answer.text
    assert Operation.objects.count() == 1


def test_failed_operation_says_why_and_names_its_code(browser: Client, join: Operation) -> None:
    failure = {"state": "failed", "error_code": "clock_skew", "error_detail": "Set the clocks."}
    Operation.objects.filter(pk=join.pk).update(ended_at=join.created_at, secret="", **failure)

    page = browser.get(f"/operations/{join.pk}/").text

    assert "Set the clocks." in page
    assert "clock_skew" in page


def test_end_of_a_join_is_read_on_the_machine_that_joined(
    browser: Client, local_agent: FakeAgent, cluster: Cluster
) -> None:
    """Its console is a worker's by then, and still shows this one operation."""
    operation = Operation.objects.get()
    Operation.objects.update(kind=Operation.Kind.ENROL)
    become(local_agent, "worker")

    page = browser.get(f"/operations/{operation.pk}/").text

    assert "This machine is now node 3 of the cluster." in page
    assert 'href="https://node1.example.org:8443"' in page


def test_auditor_cancels_nothing(auditor: Client, join: Operation) -> None:
    assert "cancel/" not in auditor.get(f"/operations/{join.pk}/").text
    assert auditor.post(f"/operations/{join.pk}/cancel/").status_code == 403


def test_stranger_follows_no_operation(stranger: Client, cluster: Cluster) -> None:
    url = f"/operations/{Operation.objects.get().pk}/"

    assert stranger.get(url).headers["Location"] == f"/login/?next={url}"


def ended(kind: Operation.Kind, **values: Any) -> Operation:
    given: dict[str, Any] = {"state": "succeeded", "actor": {"name": "alice"}, "parameters": {}}
    given |= {"deadline": timezone.now(), "ended_at": timezone.now()} | values
    return Operation.objects.create(kind=kind, **given)


def listed(browser: Client, question: str) -> set[Operation]:
    page = browser.get(f"/operations/?{question}").text
    return {operation for operation in Operation.objects.all() if str(operation.pk) in page}


def test_list_is_filtered_by_each_of_its_fields(browser: Client, cluster: Cluster) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    Operation.objects.update(created_at=long_ago)
    backup = ended(Operation.Kind.BACKUP)
    failed = ended(Operation.Kind.REMOVE, state="failed", actor={"name": "bob"}, node=add_node(2))

    assert listed(browser, "kind=backup") == {backup}
    assert listed(browser, "state=failed") == {failed}
    assert listed(browser, "node=2") == {failed}
    assert listed(browser, "actor=bob") == {failed}
    assert listed(browser, f"since={timezone.now() - timedelta(days=1):%F}") == {backup, failed}
    assert listed(browser, "kind=backup&state=failed") == set()


@pytest.mark.parametrize(
    "question",
    [
        "kind=dance",
        "state=well",
        "node=x",
        "node=99",
        "node=99999999999999999999999999",
        "since=tomorrow",
        "actor=" + "x" * 151,
        "actor=%00",
    ],
)
def test_filter_that_makes_no_sense_says_so_and_shows_nothing(
    question: str, browser: Client, cluster: Cluster
) -> None:
    answer = browser.get(f"/operations/?{question}")

    assert answer.status_code == 200
    assert "The filter cannot be used as it is." in answer.text
    assert listed(browser, question) == set()


def test_filter_that_fits_nothing_says_so(browser: Client, cluster: Cluster) -> None:
    assert "No operation fits this filter." in browser.get("/operations/?actor=nobody").text


def test_live_part_and_later_pages_keep_the_filter(browser: Client, cluster: Cluster) -> None:
    for _ in range(51):
        ended(Operation.Kind.BACKUP)

    page = browser.get("/operations/?kind=backup").text

    assert 'data-hx-get="/operations/?kind=backup"' in page
    assert 'href="?kind=backup&amp;page=2"' in page


def test_filter_remembers_what_was_asked(browser: Client, cluster: Cluster) -> None:
    page = browser.get("/operations/?kind=backup&actor=bob").text

    assert '<option value="backup" selected>' in page
    assert 'value="bob"' in page


def test_operation_leads_to_its_events(browser: Client, cluster: Cluster) -> None:
    done = Operation.objects.get()

    page = browser.get(f"/operations/{done.pk}/").text

    assert f'href="/audit/?operation={done.pk}"' in page
