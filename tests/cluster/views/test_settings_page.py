"""The cluster's settings in the browser."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from cluster.models import Cluster
from tests.cluster.factories import add_node
from tests.cluster.views.forms import errors

pytestmark = pytest.mark.django_db
URL = "/settings/cluster/"


def test_page_shows_what_is_fixed(browser: Client, cluster: Cluster) -> None:
    page = browser.get(URL).text

    assert str(cluster.uuid) in page
    assert cluster.vpn_network in page


def test_label_and_limit_are_changed_and_recorded(browser: Client, cluster: Cluster) -> None:
    """S4."""
    answer = browser.post(URL, {"label": "Harbour", "max_nodes": "9"}, follow=True)

    cluster.refresh_from_db()
    assert (cluster.label, cluster.max_nodes) == ("Harbour", 9)
    assert "The settings were saved." in answer.text
    assert AuditEvent.objects.filter(action="cluster.settings.changed", user="alice").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("label", ""), ("label", "x" * 65), ("max_nodes", "1"), ("max_nodes", "255")],
)
def test_bad_value_is_refused_beside_its_field(
    field: str, value: str, browser: Client, cluster: Cluster
) -> None:
    """The cluster has two nodes, and its network room for 254."""
    add_node(2)

    answer = browser.post(URL, {"label": "Fleet", "max_nodes": "4"} | {field: value})

    assert list(errors(answer)) == [field]
    cluster.refresh_from_db()
    assert (cluster.label, cluster.max_nodes) == ("Fleet", 4)


def test_auditor_changes_nothing(auditor: Client, cluster: Cluster) -> None:
    assert auditor.get(URL).status_code == 200
    assert auditor.post(URL, {"label": "x", "max_nodes": "9"}).status_code == 403
