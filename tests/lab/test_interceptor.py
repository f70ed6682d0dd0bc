"""A man in the middle is found out before the secret is sent (S13)."""

import base64
from collections.abc import Iterator

import pytest

from cluster import codes
from tests.lab import membership, rows
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.machine import Machine
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def middle(harbour: Lab) -> Machine:
    """A machine that answers for the leader with a certificate of its own."""
    machine = harbour.add_machine("mallory", number=66)
    leader = harbour.hosts[0]
    machine.spawn(
        *("python", "-m", "tests.lab.interceptor"),
        *(str(machine.directory), leader.fqdn, leader.address),
        log=machine.directory / "log",
    )
    eventually((machine.directory / "listening").exists, within=10)
    return machine


@pytest.fixture
def deceived(middle: Machine, newcomer: Host, leader: Host) -> Iterator[Host]:
    """A newcomer whose connections to the leader's console end at the machine in the middle."""
    (middle.directory / "heard").unlink(missing_ok=True)
    detour = ("OUTPUT", "-d", leader.address, "-p", "tcp", "--dport", "8443")
    target = ("-j", "DNAT", "--to-destination", middle.address)
    newcomer.exec("iptables", "-t", "nat", "-A", *detour, *target)
    yield newcomer
    newcomer.exec("iptables", "-t", "nat", "-D", *detour, *target)


def heard(machine: Machine) -> str:
    """All that the man in the middle was told."""
    record = machine.directory / "heard"
    return record.read_text(errors="replace") if record.exists() else ""


def test_another_certificate_is_refused_and_the_secret_never_sent(
    middle: Machine, deceived: Host, leader: Host
) -> None:
    code = membership.join_code(leader)
    secret = codes.decode(code).secret
    ended = membership.outcome(deceived, membership.ask_to_join(deceived, code=code))
    assert ended["state"] == "failed"
    assert ended["error"]["code"] == "cluster_tls_verify_error"
    assert secret not in heard(middle)
    assert base64.urlsafe_b64decode(secret + "==").hex() not in heard(middle)
    assert deceived.role == "uninitialised"


def test_without_verification_it_joins_and_the_audit_says_so(
    middle: Machine, deceived: Host, leader: Host, new_name: str
) -> None:
    """The counter-proof: the same record does hold the secret when verification is off."""
    code = membership.join_code(leader)
    asked = membership.ask_to_join(deceived, code=code, fqdn=new_name, tls_verify=False)
    membership.succeed(deceived, asked)
    assert codes.decode(code).secret in heard(middle)
    warned = rows.events(leader, "cluster.join.tls_unverified")
    assert new_name in warned[0]["target_label"]
