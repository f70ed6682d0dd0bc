"""A machine joins by API and by command, whichever way the reply is lost (S7, S12)."""

import json

import pytest

from tests.lab import membership
from tests.lab.host import Host, expect
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab


def names(leader: Host) -> list[str]:
    """The names in the leader's list."""
    return [node["fqdn"] for node in membership.nodes(leader)]


def test_a_machine_joins_by_api(leader: Host, newcomer: Host, new_name: str) -> None:
    """S12."""
    asked = membership.ask_to_join(newcomer, code=membership.join_code(leader), fqdn=new_name)
    membership.succeed(newcomer, asked)
    eventually(lambda: newcomer.role == "worker", within=5)
    assert names(leader).count(new_name) == 1


def test_a_machine_joins_by_command(leader: Host, newcomer: Host, new_name: str) -> None:
    """S12; the code comes by standard input, so that it is in no process list."""
    made = leader.exec("python", "manage.py", "join_code", "--json")
    code = json.loads(made.stdout)["code"]
    newcomer.exec("python", "manage.py", "join_cluster", "--fqdn", new_name, stdin=code)
    eventually(lambda: newcomer.role == "worker", within=5)
    assert names(leader).count(new_name) == 1


def test_a_command_that_is_refused_says_why_and_fails(newcomer: Host) -> None:
    done = newcomer.exec("python", "manage.py", "join_cluster", stdin="FLT1.", check=False)
    assert done.returncode != 0
    assert "join_code_truncated" in done.stderr + done.stdout


def test_two_requests_at_once_open_one_operation(
    leader: Host, newcomer: Host, new_name: str
) -> None:
    """A double click: the second is told that one runs."""
    code = {"code": membership.join_code(leader), "fqdn": new_name}
    first = newcomer.api("POST", "cluster/join/", code)
    second = newcomer.api("POST", "cluster/join/", code)
    assert (first.status, second.status) == (202, 409)
    assert second.body["errors"][0]["code"] == "operation_in_progress"
    membership.succeed(newcomer, first.body["operation"])


def test_the_worker_shows_its_own_join_to_the_end(
    leader: Host, newcomer: Host, new_name: str
) -> None:
    """The operation stays readable on the node that has become a worker."""
    asked = membership.ask_to_join(newcomer, code=membership.join_code(leader), fqdn=new_name)
    ended = membership.succeed(newcomer, asked)
    assert {step["state"] for step in ended["steps"]} == {"succeeded"}
    assert expect(newcomer.api("GET", f"operations/{asked['id']}/"), 200).body["progress"] == 100
