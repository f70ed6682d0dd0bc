"""What the agent tells the web of its node, as far as it is a matter of membership."""

from dataclasses import asdict
from typing import Any

from nodes.agent.membership import Membership
from nodes.agent.record import Record
from nodes.agent.store import Holding
from nodes.agent.version import VERSION

Json = dict[str, Any]


def describe(membership: Membership) -> Json:
    """The answer of ``status`` without what only the machine knows."""
    held = membership.holding
    record = held.record
    return {
        "role": record.role,
        "node_id": record.node_id,
        "cluster": record.cluster,
        "term": record.term,
        "generation": held.generation,
        "fqdn": record.fqdn,
        "joining": asdict(record.joining) if record.joining else None,
        "reason": record.reason,
        "keys": asdict(membership.keys.public),
        "refused_state": membership.refused,
        "version": VERSION,
        "state": _state(held),
        "eligible": held.own.eligible if held.own else None,
        **_leadership(record),
    }


def _state(held: Holding) -> Json | None:
    state = held.state
    if state is None:
        return None
    return {"term": state.term, "generation": state.generation, "issued_at": state.issued_at}


def _leadership(record: Record) -> Json:
    leader, given, removed = record.leader, record.handed_over, record.removed
    return {
        "leader": leader
        and {"id": leader.id, "fqdn": leader.fqdn, "console_url": leader.console_url},
        "approvals": [
            {"node_id": approval.node_id, "above_term": approval.above_term}
            for approval in record.approvals
        ],
        "handed_over": given and {"term": given.term, "to": given.to},
        "contested": [asdict(contest) for contest in record.contested],
        "successor": asdict(record.successor) if record.successor else None,
        "removed": removed and {"at": removed.at, "leader": removed.leader},
    }
