"""Creating a cluster in the browser."""

from urllib.parse import unquote

import pytest
from django.test import Client

from cluster.models import Operation
from tests.cluster.factories import carry_on, create_cluster
from tests.cluster.views.forms import errors
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
VALUES = {
    "label": "Fleet",
    "vpn_network": "10.5.4.0/24",
    "endpoint": "node1.example.org:55820",
    "max_nodes": "4",
}


def test_form_is_filled_with_what_usually_fits(browser: Client, local_agent: FakeAgent) -> None:
    form = browser.get("/create/").context["form"]

    assert form.initial == {
        "vpn_network": "10.5.4.0/24",
        "endpoint": "node1.example.org:55820",
        "max_nodes": 4,
    }


def test_good_form_starts_the_creation(browser: Client, local_agent: FakeAgent) -> None:
    browser.post("/create/", VALUES)

    operation = Operation.objects.get()
    assert operation.kind == Operation.Kind.CREATE
    assert operation.parameters["label"] == "Fleet"
    assert (operation.actor["name"], operation.actor["interface"]) == ("alice", "console")


def test_recovery_key_is_shown_once_and_never_stored_by_the_browser(
    browser: Client, local_agent: FakeAgent
) -> None:
    answer = browser.post("/create/", VALUES)

    key = answer.context["recovery_key"]
    assert key in answer.text
    assert key in unquote(answer.text.partition("data:text/plain")[2])
    assert "no-store" in answer.headers["Cache-Control"]
    operation = Operation.objects.get()
    assert key not in browser.get(f"/operations/{operation.pk}/").text


def test_way_on_from_the_recovery_key_leads_to_the_operation(
    browser: Client, local_agent: FakeAgent
) -> None:
    answer = browser.post("/create/", VALUES)

    assert f'action="/operations/{Operation.objects.get().pk}/"' in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", ""),
        ("vpn_network", "8.8.8.0/24"),
        ("vpn_network", "10.5.4.0/30"),
        ("vpn_network", "10.5.4.7/24"),
        ("vpn_network", "fd00::/64"),
        ("vpn_network", "192.0.2.0/25"),
        ("endpoint", "node1.example.org:0"),
        ("endpoint", "node1.example.org:70000"),
        ("endpoint", "$(id):55820"),
        ("endpoint", "node1.example.org\nx:55820"),
        ("max_nodes", "0"),
        ("max_nodes", "many"),
    ],
)
def test_bad_value_is_refused_beside_its_field(
    field: str, value: str, browser: Client, local_agent: FakeAgent
) -> None:
    answer = browser.post("/create/", VALUES | {field: value})

    assert list(errors(answer)) == [field]
    assert f'id="id_{field}_error"' in answer.text
    assert not Operation.objects.exists()


def test_refused_form_keeps_what_was_typed(browser: Client, local_agent: FakeAgent) -> None:
    answer = browser.post("/create/", VALUES | {"label": "Harbour", "endpoint": "x:0"})

    assert 'value="Harbour"' in answer.text


def test_second_creation_is_refused_above_the_form(browser: Client, local_agent: FakeAgent) -> None:
    browser.post("/create/", VALUES)

    answer = browser.post("/create/", VALUES)

    assert list(errors(answer)) == ["__all__"]


def test_silent_agent_is_named_above_the_form(browser: Client, local_agent: FakeAgent) -> None:
    local_agent.available = False

    answer = browser.post("/create/", VALUES)

    assert "agent of this machine does not answer" in errors(answer)["__all__"][0]


def test_trying_again_starts_from_what_was_asked_before(
    browser: Client, local_agent: FakeAgent
) -> None:
    browser.post("/create/", VALUES | {"label": "Harbour"})
    operation = Operation.objects.get()

    answer = browser.get(f"/create/?again={operation.pk}")

    assert 'value="Harbour"' in answer.text


def test_name_of_no_earlier_operation_changes_nothing(
    browser: Client, local_agent: FakeAgent
) -> None:
    assert browser.get("/create/?again=nonsense").status_code == 200


def test_member_of_a_cluster_creates_no_other(browser: Client, local_agent: FakeAgent) -> None:
    create_cluster()

    assert browser.post("/create/", VALUES).headers["Location"] == "/"
    assert Operation.objects.count() == 1


def test_auditor_creates_nothing(auditor: Client, local_agent: FakeAgent) -> None:
    assert auditor.post("/create/", VALUES).status_code == 403
    assert not Operation.objects.exists()


def test_creation_that_came_to_nothing_can_be_tried_again_as_it_was(
    browser: Client, local_agent: FakeAgent
) -> None:
    """With the same recovery key: the one that was shown stays good."""
    browser.post("/create/", VALUES)
    first = Operation.objects.get()
    browser.post(f"/operations/{first.pk}/cancel/")
    carry_on(first, times=5)

    answer = browser.post(f"/operations/{first.pk}/retry/")

    second = Operation.objects.exclude(pk=first.pk).get()
    assert answer.headers["Location"] == f"/operations/{second.pk}/"
    assert second.parameters == first.parameters


def test_creation_that_came_to_nothing_can_be_changed_first(
    browser: Client, local_agent: FakeAgent
) -> None:
    browser.post("/create/", VALUES)
    operation = Operation.objects.get()
    browser.post(f"/operations/{operation.pk}/cancel/")
    carry_on(operation, times=5)

    answer = browser.get(f"/operations/{operation.pk}/")

    assert f'href="/create/?again={operation.pk}"' in answer.text
