"""A member that calls itself leader, with nothing but what is its own: its key and its states.

``python -m tests.lab.rogue STATE_DIR TRICK`` takes the place of the node's console on port 8443,
and writes into ``STATE_DIR/rogue-heard`` which members called it, by the paths that they asked for.
"""

import json
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from config.version import VERSION
from nodes.agent import attestation, document, signing, succession
from nodes.agent.encoding import canonical_json
from nodes.agent.keys import Keys
from nodes.agent.succession import Leadership

PORT = 8443
TERM = 9
Json = dict[str, Any]


class Rogue:
    """What it knows and what it says."""

    def __init__(self, state_dir: Path, *, trick: str) -> None:
        self._key = Keys(state_dir / "node").identity
        self._held = (state_dir / "node" / "state.jws").read_text()
        self._trick = trick
        self.number = int(json.loads((state_dir / "node" / "node.json").read_text())["node_id"])
        self.cluster = str(document.read_unverified(self._held)["cluster"]["uuid"])

    def leadership(self) -> Json:
        """A signed word that it leads a later term."""
        word = {
            "cluster": self.cluster,
            "term": TERM,
            "leader": {"id": self.number, "identity_key": signing.public_text(self._key)},
            "node": self.number,
        }
        claim = signing.sign(
            canonical_json(word), key=self._key, key_id=str(self.number), kind=attestation.KIND
        )
        return {
            "cluster": self.cluster,
            "term": TERM,
            "leader": self.number,
            "leader_url": None,
            "node": self.number,
            "role": "leader",
            "version": VERSION,
            "claim": claim,
            "handover": self._handover(),
            "built_on": None,
        }

    def sync(self) -> Json:
        """The state that it wants others to take."""
        states: Mapping[str, Callable[[], str]] = {
            "forged": self._forge,
            "replayed": lambda: self._held,
            "linked": self._forge,
            "claimed": self._forge,
        }
        return {"state": states[self._trick](), "commands": [], "wait": 1}

    def _forge(self) -> str:
        """The cluster's own state, with itself as the leader of a later term."""
        forged = dict(document.read_unverified(self._held))
        changes = {"term": TERM, "leader": self.number, "handover": self._handover()}
        forged |= changes | {"generation": forged["generation"] + 1}
        return document.sign(forged, key=self._key, node_id=self.number)

    def _handover(self) -> Json | None:
        """What only the leader or the recovery key could sign, signed by itself."""
        to = Leadership(term=TERM, leader=self.number, key=signing.public_text(self._key))
        if self._trick == "claimed":
            return succession.sign_claim(cluster=self.cluster, to=to, key=self._key)
        if self._trick != "linked":
            return None
        return succession.sign_handover(cluster=self.cluster, to=to, key=self._key, node_id=1)


def main(state_dir: Path, trick: str) -> None:
    """Answer until killed."""
    rogue = Rogue(state_dir, trick=trick)
    answers = {"/agent/v1/leadership": rogue.leadership, "/agent/v1/sync": rogue.sync}

    class Console(BaseHTTPRequestHandler):
        """Two paths, and 404 for the rest."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def _answer(self) -> None:
            with (state_dir / "rogue-heard").open("a") as heard:
                heard.write(f"{self.client_address[0]} {self.path}\n")
            found = answers.get(self.path)
            body = json.dumps(found() if found else {}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("0.0.0.0", PORT), Console)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state_dir / "tls" / "cert.pem", state_dir / "tls" / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
