"""Adding a node: the join code and what becomes of it (S7, S11)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cluster.models import Cluster, JoinCode
from cluster.services.settings import change_cluster
from tests.cluster.factories import ADMIN, Newcomer, make_code
from tests.cluster.views.forms import errors

pytestmark = pytest.mark.django_db


def test_one_press_on_the_list_of_nodes_makes_a_code(browser: Client, cluster: Cluster) -> None:
    """S11: the button itself is the form."""
    assert 'action="/nodes/add/"' in browser.get("/nodes/").text

    answer = browser.post("/nodes/add/", {"ttl_seconds": "3600"})

    assert answer.context["code"] in answer.text
    assert JoinCode.objects.get().created_by == "alice"


def test_code_is_shown_with_its_expiry_and_a_copy_button(browser: Client, cluster: Cluster) -> None:
    """S11."""
    answer = browser.post("/nodes/add/", {"ttl_seconds": "900"})

    code = JoinCode.objects.get()
    assert code.expires_at - code.created_at == timedelta(minutes=15)
    assert f'<time datetime="{code.expires_at.isoformat()}" data-countdown>' in answer.text
    assert 'data-copy="#join-code"' in answer.text


def test_code_is_shown_once(browser: Client, cluster: Cluster) -> None:
    text = browser.post("/nodes/add/", {"ttl_seconds": "3600"}).context["code"]
    code = JoinCode.objects.get()

    assert text not in browser.get("/nodes/add/").text
    assert text not in browser.get(f"/join-codes/{code.pk}/").text


def test_page_with_a_code_is_never_stored_by_the_browser(browser: Client, cluster: Cluster) -> None:
    answer = browser.post("/nodes/add/", {"ttl_seconds": "3600"})

    assert "no-store" in answer.headers["Cache-Control"]


def test_lifetime_that_was_not_offered_is_refused(browser: Client, cluster: Cluster) -> None:
    answer = browser.post("/nodes/add/", {"ttl_seconds": "31536000"})

    assert list(errors(answer)) == ["ttl_seconds"]
    assert not JoinCode.objects.exists()


def test_full_cluster_is_said_before_the_code_is_used(browser: Client, cluster: Cluster) -> None:
    """S4."""
    change_cluster(actor=ADMIN, max_nodes=1)

    assert "The cluster is full." in browser.get("/nodes/add/").text


def test_page_shows_what_has_become_of_a_code(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    code, text = make_code()
    newcomer.enrol(text)

    page = browser.get(f"/join-codes/{code.pk}/").text

    assert "Used" in page
    assert 'href="/nodes/2/"' in page


def test_code_can_be_revoked(browser: Client, cluster: Cluster) -> None:
    code, _ = make_code()

    answer = browser.post(f"/join-codes/{code.pk}/revoke/", follow=True)

    code.refresh_from_db()
    assert code.state == JoinCode.State.REVOKED
    assert "The join code was revoked." in answer.text


def test_used_code_cannot_be_revoked_and_the_page_says_so(
    browser: Client, cluster: Cluster, newcomer: Newcomer
) -> None:
    code, text = make_code()
    newcomer.enrol(text)

    answer = browser.post(f"/join-codes/{code.pk}/revoke/", follow=True)

    assert "it cannot be revoked" in answer.text


def test_only_active_codes_offer_to_be_revoked(browser: Client, cluster: Cluster) -> None:
    active, _ = make_code()
    expired, _ = make_code()
    JoinCode.objects.filter(pk=expired.pk).update(expires_at=timezone.now())

    page = browser.get("/nodes/add/").text

    assert f"/join-codes/{active.pk}/revoke/" in page
    assert f"/join-codes/{expired.pk}/revoke/" not in page


def test_list_of_nodes_counts_the_codes_that_can_be_used(browser: Client, cluster: Cluster) -> None:
    make_code()
    make_code()

    assert "2 join codes can still be used" in browser.get("/nodes/").text


def test_auditor_makes_and_revokes_no_code(auditor: Client, cluster: Cluster) -> None:
    code, _ = make_code()

    assert auditor.post("/nodes/add/", {"ttl_seconds": "3600"}).status_code == 403
    assert auditor.post(f"/join-codes/{code.pk}/revoke/").status_code == 403
    assert JoinCode.objects.get().state == JoinCode.State.ACTIVE


def test_reading_revokes_nothing(browser: Client, cluster: Cluster) -> None:
    code, _ = make_code()

    assert browser.get(f"/join-codes/{code.pk}/revoke/").status_code == 405
