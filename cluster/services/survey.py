"""Asking the other nodes what they hold, before one of them takes the lead: what may be lost."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.transport import Transport, Unreachable, WrongCertificate, get_transport
from nodes import role

PATH = "/agent/v1/leadership"
PATIENCE = 1.5
"""Seconds in which a node that works has answered."""
Json = Mapping[str, Any]


@dataclass
class Survey:
    """All other active members are asked at once, by threads that nobody has to wait for."""

    held: Json
    """The state document that this node holds."""
    answers: dict[int, Json] = field(default_factory=dict)
    asked: dict[int, threading.Thread] = field(default_factory=dict)
    until: float = 0.0

    @classmethod
    def begin(cls, held: Json) -> "Survey":
        """Send the questions."""
        survey = cls(held, until=time.monotonic() + PATIENCE)
        transport, own_id = get_transport(), role.current().node_id
        for node in held["nodes"]:
            if node["id"] != own_id and node["status"] == "active":
                asking = threading.Thread(target=survey._ask, args=(transport, node), daemon=True)
                survey.asked[node["id"]] = asking
                asking.start()
        return survey

    def findings(self) -> list[str]:
        """What people should know first, a sentence for each node that it concerns."""
        for asking in self.asked.values():
            asking.join(max(0.0, self.until - time.monotonic()))
        answers = dict(self.answers)
        found = [self._judge(node_id, answers.get(node_id)) for node_id in sorted(self.asked)]
        return [sentence for sentence in found if sentence]

    def _ask(self, transport: Transport, node: Json) -> None:
        url = str(node["console_url"]).removesuffix("/") + PATH
        try:
            answer = transport.call("GET", url, fingerprint=node["tls_fingerprint"])
        except (Unreachable, WrongCertificate):
            return
        if answer.status == 200 and answer.body.get("cluster") == self.held["cluster"]["uuid"]:
            self.answers[node["id"]] = answer.body

    def _judge(self, node_id: int, said: Json | None) -> str:
        name, ours = f"node{node_id}", (self.held["term"], self.held["generation"])
        if said is None:
            is_lost = node_id == self.held["leader"]
            return "" if is_lost else f"{name} does not answer; it may hold a newer state."
        if said.get("role") == "leader":
            return (
                f"{name} answers, and leads the cluster in term {said.get('term')}. "
                "If you can reach its console, promote another node there instead."
            )
        theirs = said.get("held") or {}
        if (theirs.get("term", 0), theirs.get("generation", 0)) <= ours:
            return ""
        return (
            f"{name} holds a newer state, {theirs['term']}.{theirs['generation']}. "
            f"To keep what was changed since, let it lead: switch-leader --node {node_id}."
        )
