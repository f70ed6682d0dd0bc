"""Two members of one cluster, brought as far as a test needs them."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from nodes.agent.joining import LeaderPin
from nodes.agent.membership import Membership
from tests.nodes.agent.documents import FINGERPRINT, make_document, make_node

MakeMember = Callable[..., Membership]


def entry(member: Membership, number: int, **changes: Any) -> dict[str, Any]:
    """The member's entry in a state."""
    return make_node(number, asdict(member.keys.public), **changes)


def alone(leader: Membership, **changes: Any) -> dict[str, Any]:
    """A state of the leader alone."""
    return make_document(entry(leader, 1), **changes)


def document(leader: Membership, worker: Membership, **changes: Any) -> dict[str, Any]:
    """A state of both, with node 2 joining."""
    return make_document(entry(leader, 1), entry(worker, 2, status="joining"), **changes)


def pin(leader: Membership, **changes: str) -> LeaderPin:
    values = {
        "identity_key": leader.keys.public.identity_key,
        "tls_fingerprint": FINGERPRINT,
        "console_url": "https://192.0.2.1:8443",
    }
    return LeaderPin(**{**values, **changes})


def found(leader: Membership, worker: Membership) -> str:
    """Node 1 leads, and has signed a state in which node 2 is joining."""
    leader.lead(make_document(entry(leader, 1)))
    return leader.sign(document(leader, worker, generation=2))


def joined(leader: Membership, worker: Membership) -> None:
    """Node 2 is an admitted worker at generation 3."""
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    members = (entry(leader, 1), entry(worker, 2))
    worker.receive(leader.sign(make_document(*members, generation=3)))
