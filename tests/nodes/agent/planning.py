"""Plans of a node's VPN."""

from typing import Any

from nodes.agent.state import State
from nodes.agent.vpn.plan import Plan, make_plan
from tests.nodes.agent.documents import make_document, make_node

KEYS = {number: "A" * 41 + "BCDEFGHI"[number] + "A=" for number in range(1, 6)}
SIGNING = "A" * 42 + "A"


def make_state(**changes: Any) -> State:
    """Node 1 leads; 2 and 3 are eligible, 4 is not."""
    nodes = [
        make_node(
            number,
            {
                "wireguard_key": KEYS[number],
                "identity_key": SIGNING[:40] + str(number) + "AA",
                "sealing_key": "age1" + "q" * 58,
            },
            **({"eligible": number != 4} | changes.pop(f"node{number}", {})),
        )
        for number in (1, 2, 3, 4)
    ]
    return State.parse(make_document(*nodes, **changes))


def plan_for(number: int, **changes: Any) -> Plan:
    plan = make_plan(make_state(**changes), node_id=number, listen_port=55820)
    assert plan is not None
    return plan
