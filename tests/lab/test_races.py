"""Many machines, one code: exactly one node, and a lost reply is no dead code (S12)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from cluster import codes
from tests.lab import membership, strangers
from tests.lab.client import Answer
from tests.lab.host import Host, expect
from tests.lab.strangers import Stranger

pytestmark = pytest.mark.lab

MACHINES = 20


def ids(leader: Host) -> set[int]:
    """The node ids in the leader's list."""
    return {node["id"] for node in membership.nodes(leader)}


def test_twenty_machines_with_one_code_make_one_node(leader: Host, new_name: str) -> None:
    before = ids(leader)
    code = codes.decode(membership.join_code(leader))
    machines = [Stranger(fqdn=f"m{number}.{new_name}") for number in range(MACHINES)]
    at_once = Barrier(MACHINES)
    leader.token()

    def enrol(machine: Stranger) -> Answer:
        assert machine.keys
        at_once.wait()
        return machine.enrol(leader, code)

    with ThreadPoolExecutor(MACHINES) as threads:
        answers = list(threads.map(enrol, machines))

    assert Counter(answer.status for answer in answers)[201] == 1
    refused = {answer.body["code"] for answer in answers if answer.status != 201}
    assert refused <= {"join_code_used", "operation_in_progress"}
    assert len(ids(leader) - before) == 1
    strangers.cancel(leader, next(a.body["operation"] for a in answers if a.status == 201))
    assert ids(leader) == before


def test_the_same_machine_twice_is_one_node_and_gets_the_same_answer(
    leader: Host, new_name: str
) -> None:
    """As when the first reply was lost."""
    before = ids(leader)
    machine, code = Stranger(fqdn=new_name), codes.decode(membership.join_code(leader))
    first = expect(machine.enrol(leader, code), 201)
    second = expect(machine.enrol(leader, code), 200)
    same = ("node_id", "cluster", "leader", "operation", "jws")
    assert [first.body[key] for key in same] == [second.body[key] for key in same]
    assert len(ids(leader) - before) == 1
    strangers.cancel(leader, first.body["operation"])


def test_a_code_whose_join_was_undone_is_usable_by_another_machine(
    leader: Host, new_name: str
) -> None:
    """No lost address either: the next machine gets the one that came free."""
    code = codes.decode(membership.join_code(leader))
    addresses = []
    for number in range(2):
        answer = expect(Stranger(fqdn=f"m{number}.{new_name}").enrol(leader, code), 201)
        shown = leader.api("GET", f"nodes/{answer.body['node_id']}/").body
        addresses.append(shown["vpn_address"])
        strangers.cancel(leader, answer.body["operation"])
    assert addresses[0] == addresses[1]
