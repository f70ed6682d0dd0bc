"""Asking for a promotion: who cannot lead, and why."""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import freeze
from cluster.errors import ConfirmationMismatch, NodeNotReachable
from cluster.errors.joining import VersionMismatch
from cluster.errors.leadership import LeadershipMoving, NodeIsAlreadyLeader, NodeNotEligible
from cluster.errors.operations import OperationInProgress
from cluster.models import Operation
from cluster.services.promotion import request_promotion
from config.errors import DomainError
from nodes.errors import EndpointInvalid
from nodes.models import Node
from tests.cluster.factories import ADMIN, hear_from
from tests.cluster.pairs import Pair

pytestmark = pytest.mark.django_db


def test_accepted_promotion_is_audited(pair: Pair) -> None:
    operation = pair.promote()

    asked = AuditEvent.objects.get(action="node.promotion.requested")
    assert (asked.operation, asked.node, asked.user) == (operation.pk, 2, "alice")
    assert asked.details["endpoint"] == "node2.example.org:55820"
    assert operation.cancellable


def test_leader_is_leader_already(pair: Pair) -> None:
    """S35."""
    with pytest.raises(NodeIsAlreadyLeader):
        request_promotion(
            Node.objects.get(pk=1),
            actor=ADMIN,
            confirmation="node1",
            vpn_address="node1.example.org",
            vpn_port=55820,
        )


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"eligible": False}, NodeNotEligible),
        ({"state": Node.State.REMOVING}, NodeNotEligible),
        ({"version": "9.9.0"}, VersionMismatch),
    ],
)
def test_node_that_cannot_lead_is_refused(
    pair: Pair, values: dict[str, Any], error: type[DomainError]
) -> None:
    Node.objects.filter(pk=2).update(**values)

    with pytest.raises(error):
        pair.promote()

    assert not Operation.objects.exists()


def test_node_that_is_not_heard_is_refused(pair: Pair) -> None:
    with pytest.raises(NodeNotReachable):
        request_promotion(
            Node.objects.get(pk=2),
            actor=ADMIN,
            confirmation="node2",
            vpn_address="node2.example.org",
            vpn_port=55820,
        )


@pytest.mark.parametrize("text", ["", "node3", "2", "Node2"])
def test_wrong_confirmation_is_refused(pair: Pair, text: str) -> None:
    with pytest.raises(ConfirmationMismatch) as refused:
        pair.promote(confirmation=text)

    assert refused.value.field == "confirmation"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vpn_address": ""}, "vpn_address"),
        ({"vpn_address": "no name"}, "vpn_address"),
        ({"vpn_address": "127.0.0.1"}, "vpn_address"),
        ({"vpn_address": "host"}, "vpn_address"),
        ({"vpn_port": 0}, "vpn_port"),
        ({"vpn_port": 65536}, "vpn_port"),
    ],
)
def test_endpoint_that_nobody_could_reach_names_its_field(
    pair: Pair, changes: dict[str, Any], field: str
) -> None:
    """S31 to S33."""
    with pytest.raises(EndpointInvalid) as refused:
        pair.promote(**changes)

    assert refused.value.field == field


def test_second_promotion_waits_for_the_first(pair: Pair) -> None:
    pair.promote()

    with pytest.raises(OperationInProgress):
        pair.promote()


def test_frozen_cluster_promotes_nobody(pair: Pair) -> None:
    hear_from(2, last_contact=timezone.now())
    freeze.hold()

    with pytest.raises(LeadershipMoving):
        pair.promote()
