"""The trail's page (S55 to S57)."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actor import Actor, ActorKind, Interface, Target
from audit.models import Outcome
from audit.search import index_file
from audit.search.find import find
from tests.accounts.factories import make_administrator
from tests.audit.factories import make_event, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    browser = Client()
    browser.force_login(make_administrator("reader"))
    return browser


def shown(answer: Any) -> list[int]:
    return [event.pk for event in answer.context["events"]]


def test_row_has_time_user_and_sentence(client: Client) -> None:
    """S56."""
    event = make_event(actor=person("ann"))

    text = client.get("/audit/").content.decode()

    assert f'datetime="{event.time.isoformat(timespec="seconds")}"' in text
    assert ">ann<" in text
    assert "Changed a node" in text
    assert 'href="/nodes/3/"' in text


def test_before_and_after_stand_side_by_side(client: Client) -> None:
    make_event(details={"before": {"label": "old"}, "after": {"label": "new"}, "why": ["x", "y"]})

    text = client.get("/audit/").content.decode()

    assert '<th scope="row">Label</th><td class="wrap">old</td><td class="wrap">new</td>' in text
    assert '<dt>Why</dt><dd class="wrap">x, y</dd>' in text


def test_what_moved_stands_side_by_side_too(client: Client) -> None:
    make_event(details={"label": {"from": "", "to": "blue"}, "fqdn": {"from": "a", "to": "b"}})

    text = client.get("/audit/").content.decode()

    assert '<th scope="row">Label</th><td class="wrap">none</td><td class="wrap">blue</td>' in text
    assert '<th scope="row">FQDN</th><td class="wrap">a</td><td class="wrap">b</td>' in text
    assert "<dt>Label</dt>" not in text


def test_details_within_details_are_shown(client: Client) -> None:
    make_event(details={"applications": [{"name": "redis", "state": "running"}], "ports": {}})

    text = client.get("/audit/").content.decode()

    assert '<dd class="wrap">Name: redis; State: running</dd>' in text
    assert '<dt>Ports</dt><dd class="wrap">none</dd>' in text


def test_user_leads_to_their_page_while_they_have_one(client: Client) -> None:
    make_event(actor=person("reader"))
    make_event(actor=person("gone"))

    text = client.get("/audit/").content.decode()

    assert '<a href="/settings/administrators/reader/">reader</a>' in text
    assert "/administrators/gone/" not in text


def test_stranger_who_claims_a_name_leads_nowhere(client: Client) -> None:
    make_event(actor=Actor("reader", ActorKind.STRANGER, Interface.CONSOLE))

    assert "/administrators/reader/" not in client.get("/audit/").content.decode()


def test_event_leads_to_its_operation(client: Client) -> None:
    operation = UUID("0b5c64c1-6d2f-4d0b-9d4c-111111111111")
    make_event(operation=operation)

    text = client.get("/audit/").content.decode()

    assert f'<a class="small nowrap" href="/operations/{operation}/">Operation</a>' in text


def test_what_people_typed_is_shown_as_text(client: Client) -> None:
    make_event(actor=person("<script>1</script>"), details={"<b>": "<i>"})

    text = client.get("/audit/").content.decode()

    assert "<script>1" not in text
    assert "<b>" not in text
    assert "&lt;i&gt;" in text


def test_filter_is_the_same_as_the_apis(client: Client) -> None:
    make_event(actor=person("ann"))
    make_event(actor=person("bob"), outcome=Outcome.DENIED)

    answer = client.get("/audit/?user=bob&outcome=denied&q=CHANGED")

    assert shown(answer) == [2]
    assert answer.context["count"].number == 1


def test_choices_are_those_that_occur(client: Client) -> None:
    make_event(actor=person("bob"))

    form = client.get("/audit/").context["form"]

    assert form.fields["user"].widget.choices == [("bob", "bob")]
    assert form.fields["action"].widget.choices == [("node.changed", "changed a node")]


def test_pages_go_back_in_time(client: Client) -> None:
    for _ in range(60):
        make_event()

    first = client.get("/audit/?user=ann")
    second = client.get("/audit/" + first.context["earlier"])

    assert (shown(first)[0], shown(first)[-1]) == (60, 11)
    assert (shown(second)[0], shown(second)[-1]) == (10, 1)
    assert second.context["earlier"] is None
    assert "user=ann" in second.context["newest"]


@pytest.mark.parametrize("query", ["since=x", "source=x", "q=" + "x" * 1000, "action=x"])
def test_filter_that_cannot_be_is_said_with_its_field(client: Client, query: str) -> None:
    make_event()

    answer = client.get(f"/audit/?{query}")

    assert query.partition("=")[0] in answer.context["form"].errors
    assert 'id="filter-errors"' in answer.content.decode()
    assert shown(answer) == []


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_bad_page_shows_the_newest(client: Client, before: str) -> None:
    make_event()

    assert shown(client.get("/audit/", {"before": before})) == [1]


def test_nothing_found_is_said(client: Client) -> None:
    make_event()

    assert "No event fits this filter." in client.get("/audit/?q=nothing").content.decode()


def test_target_without_a_page_is_text(client: Client) -> None:
    make_event(target=Target(kind="comet", id="1", label="Halley"))

    text = client.get("/audit/").content.decode()

    assert "Halley" in text
    assert ">Halley</a>" not in text


def test_node_is_named_by_its_number_and_its_name(client: Client) -> None:
    make_event()
    make_event(target=Target("node", "4", "node4 (web2.example.org)", 4))

    text = client.get("/audit/").content.decode()

    assert "node3 (node3.example.org)</a>" in text
    assert "node4 (web2.example.org)</a>" in text


def test_search_that_is_not_over_is_never_called_none(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_file.forget()
    monkeypatch.setattr("audit.search.windows.FIRST", 1)
    monkeypatch.setattr("audit.search.facets.NARROW", 0)
    monkeypatch.setattr("audit.search.find.PROBE", 1)
    monkeypatch.setattr("audit.search.find.WALK", 0)
    monkeypatch.setattr("audit.search.gin.exists", lambda: False)
    monkeypatch.setattr("audit.views.trail.find", partial(find, budget=0))
    make_event(details={"note": "needle"})
    make_event()

    answer = client.get("/audit/?q=needle")

    text = answer.content.decode()
    assert "No event fits" not in text
    assert "Older ones were not looked at yet." in text
    assert shown(client.get("/audit/" + answer.context["earlier"])) == [1]


def test_export_is_of_what_is_filtered(client: Client) -> None:
    make_event(actor=person("ann"))
    make_event(actor=person("bob"))

    addresses = [
        address for address, _ in client.get("/audit/?user=bob&before=9").context["exports"]
    ]

    exported: Any = client.get(addresses[0])
    rows = b"".join(exported.streaming_content).decode().splitlines()
    assert len(addresses) == 3
    assert len(rows) == 2
    assert ",bob," in rows[1]


def test_trail_is_followed_on_demand(client: Client) -> None:
    make_event()
    assert "data-hx-trigger" not in _events_of(client.get("/audit/"))
    followed = client.get("/audit/").context["following"]
    assert 'data-hx-trigger="every 1500ms"' in _events_of(client.get("/audit/" + followed))

    make_event()
    part = client.get("/audit/" + followed, headers={"HX-Request": "true"})

    assert part.content.decode().lstrip().startswith("<section")
    assert shown(part) == [2, 1]


def _events_of(answer: Any) -> str:
    """What follows the filter."""
    text: str = answer.content.decode()
    return text.partition("</form>")[2].partition("</main>")[0].rpartition("trail-filters")[2]


def test_words_of_the_readers_language_lead_to_the_actions_that_they_name(client: Client) -> None:
    event = make_event(actor=person("ann"))

    asked = {"q": "Ha cambiato un nodo", "user": "ann"}
    answer = client.get("/audit/", asked, headers={"accept-language": "it"})

    names, address = answer.context["meant"]
    assert (shown(answer), names) == ([], ["ha cambiato un nodo"])
    assert shown(client.get(f"/audit/{address}")) == [event.pk]


def test_words_that_are_found_as_they_are_lead_nowhere_else(client: Client) -> None:
    make_event(actor=person("ann"))

    assert client.get("/audit/", {"q": "changed"}).context["meant"] is None
