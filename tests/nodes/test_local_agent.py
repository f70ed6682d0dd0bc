"""Django's way to the agent: the real socket, the real calls, and the errors that come back."""

import http.client
import json
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nodes.agent.calls import Calls
from nodes.agent.membership import Membership
from nodes.agent.sealing import seal
from nodes.agent.server import LARGEST_BODY, Server
from nodes.local_agent import AgentRefused, AgentUnavailable, SocketAgent, get_local_agent
from tests.fakes import FakeAgent, FakeMachine
from tests.nodes.agent.documents import CLUSTER, FINGERPRINT, make_document, make_node


class Served:
    """An agent's membership behind a real socket."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "run" / "agent.sock"
        self.membership = Membership(directory / "node", fqdn="node1.example.org")
        self.machine = FakeMachine(self.membership)
        self.server = Server(self.path, Calls(self.membership, self.machine))
        self.agent = SocketAgent(self.path)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    thread = threading.Thread(target=made.server.serve_forever, args=[0.02])
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def state_for(agent: SocketAgent | FakeAgent, **changes: Any) -> dict[str, Any]:
    keys: Any = agent.status()["keys"]
    return make_document(make_node(1, keys), **changes)


def raw(
    served: Served, method: str, path: str, body: bytes = b"", *, length: str | None = None
) -> Any:
    """A request as no client of ours would make it: status and answer."""
    with closing(http.client.HTTPConnection("agent")) as connection:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(5)
        connection.sock.connect(str(served.path))
        headers = {} if length is None else {"Content-Length": length}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def test_status_tells_an_uninitialised_node(served: Served) -> None:
    status = served.agent.status()
    assert status["role"] == "uninitialised"
    assert status["fqdn"] == "node1.example.org"
    assert status["joining"] is None
    assert status["leader"] is None
    assert status["networks"] == ["192.0.2.0/24"]


def test_cluster_is_led_and_signed_for(served: Served) -> None:
    served.agent.lead(state_for(served.agent))
    jws = served.agent.sign(state_for(served.agent, generation=2))
    status = served.agent.status()
    assert (status["role"], status["generation"]) == ("leader", 2)
    assert status["leader"] == {
        "id": 1,
        "fqdn": "node1.example.org",
        "console_url": "https://192.0.2.1:8443",
    }
    assert jws == served.membership.holding.jws


def test_adopting_node_is_joining_and_may_leave(served: Served, tmp_path: Path) -> None:
    leader = FakeAgent(tmp_path / "leader")
    keys: Any = served.agent.status()["keys"]
    leader.lead(state_for(leader))
    jws = leader.sign(
        make_document(
            *state_for(leader)["nodes"], make_node(2, keys, status="joining"), generation=2
        )
    )
    pin = {
        "identity_key": leader.status()["keys"]["identity_key"],
        "tls_fingerprint": FINGERPRINT,
        "console_url": "https://192.0.2.1:8443/",
    }
    served.agent.adopt(jws=jws, node_id=2, leader=pin)
    assert served.agent.status()["joining"] == {
        "node_id": 2,
        "pledged": False,
        "admitted": False,
        "withdrawn": None,
    }
    served.agent.leave(reason="The leader\ndid not answer.")
    assert served.agent.status()["reason"] == "The leader did not answer."


def test_sealed_part_is_opened(served: Served) -> None:
    keys = served.agent.status()["keys"]
    sealed = seal("é".encode(), recipients=[keys["sealing_key"]])
    served.agent.lead(state_for(served.agent, sealed=sealed))
    assert served.agent.unseal() == "é"


def test_reconcile_is_done_now(served: Served) -> None:
    served.agent.lead(state_for(served.agent))
    answer = served.agent.reconcile()
    assert answer["applied_generation"] == 1
    assert answer["vpn"]["state"] == "up"
    assert served.machine.reconciled == 1


def test_refusal_comes_with_its_code_and_status(served: Served) -> None:
    served.agent.lead(state_for(served.agent))
    with pytest.raises(AgentRefused) as refused:
        served.agent.leave()
    assert (refused.value.code, refused.value.status) == ("node_is_leader", 409)
    assert refused.value.detail == "This node leads its cluster; it leaves only by force."


def test_code_of_one_refusal_is_not_the_next_ones(served: Served) -> None:
    with pytest.raises(AgentRefused):
        served.agent.unseal()
    assert AgentRefused.code == "agent_refused"


def test_stopped_agent_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(AgentUnavailable) as unavailable:
        SocketAgent(tmp_path / "agent.sock").status()
    assert (unavailable.value.code, unavailable.value.status) == ("agent_unavailable", 503)


def test_mute_agent_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.local_agent.TIMEOUT", 0.1)
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "agent.sock"))
        mute.listen()
        with pytest.raises(AgentUnavailable):
            SocketAgent(tmp_path / "agent.sock").status()


def test_socket_is_for_owner_and_group(served: Served) -> None:
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o660


def test_socket_has_the_group_of_its_directory(served: Served) -> None:
    assert served.path.stat().st_gid == served.path.parent.stat().st_gid


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/token", {}),
        ("/v1/token", {"audience": 1}),
        ("/v1/token", {"audience": CLUSTER, "claims": {"iss": "1"}}),
        ("/v1/lead", {"document": "x"}),
        ("/v1/sign", {"document": None}),
        ("/v1/adopt", {"jws": "x", "node_id": 0, "leader": {}}),
        ("/v1/adopt", {"jws": "x", "node_id": 1, "leader": {"identity_key": "x"}}),
        ("/v1/leave", {"force": "yes"}),
        ("/v1/unseal", {"identity": "x"}),
        ("/v1/reconcile", {"command": "x"}),
        ("/v1/lead", {"document": {}, "approved": "yes"}),
        ("/v1/hand_over", {"to": "2", "generation": 1}),
        ("/v1/hand_over", {"to": 2}),
        ("/v1/reassert", {"above": -1}),
        ("/v1/follow", {"node_id": 2}),
        ("/v1/follow", {"node_id": 2, "by": "root\n"}),
        ("/v1/receive", {"state": "x"}),
        ("/v1/attest", {"term": 9}),
        ("/v1/farewell", {"node_id": 2, "identity_key": "x"}),
        ("/v1/clean_start", {"force": True}),
    ],
    ids=str,
)
def test_calls_of_another_form_are_refused(served: Served, path: str, body: Any) -> None:
    status, answer = raw(served, "POST", path, json.dumps(body).encode())
    assert (status, answer["code"]) == (400, "invalid")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"], ids=str)
def test_body_that_is_no_object_is_refused(served: Served, body: bytes) -> None:
    assert raw(served, "POST", "/v1/leave", body)[0] == 400


@pytest.mark.parametrize("length", ["", "-1", "x", str(LARGEST_BODY + 1)])
def test_body_of_no_acceptable_length_is_refused(served: Served, length: str) -> None:
    status, _ = raw(served, "POST", "/v1/leave", length=length)
    assert status == 400


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/v1/token"), ("POST", "/v1/exec")]
)
def test_there_are_no_other_calls(served: Served, method: str, path: str) -> None:
    status, answer = raw(served, method, path, b"{}")
    assert (status, answer["code"]) == (404, "not_found")


# Which agent is asked


def test_real_agent_is_the_default(settings: Any) -> None:
    assert isinstance(get_local_agent(), SocketAgent)


def test_setting_puts_another_in_its_place(local_agent: FakeAgent) -> None:
    assert get_local_agent() is local_agent


def make_unavailable() -> SocketAgent:
    return SocketAgent(Path("/nonexistent"))


def test_setting_may_name_the_maker(settings: Any) -> None:
    settings.LOCAL_AGENT = "tests.nodes.test_local_agent.make_unavailable"
    with pytest.raises(AgentUnavailable):
        get_local_agent().status()
