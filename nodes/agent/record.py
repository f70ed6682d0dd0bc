"""``node.json``: what this node is, readable by everyone on the machine."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from nodes.agent.acceptance import Approval
from nodes.agent.state import Member, State

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Leader:
    """Where and who the leader is: enough to reach it and to know that it is the one."""

    id: int
    fqdn: str
    console_url: str
    identity_key: str
    tls_fingerprint: str

    @classmethod
    def of(cls, member: Member) -> "Leader":
        return cls(
            id=member.id,
            fqdn=member.fqdn,
            console_url=member.console_url,
            identity_key=member.identity_key,
            tls_fingerprint=member.tls_fingerprint,
        )


@dataclass(frozen=True, slots=True)
class Joining:
    """A membership that the leader has not confirmed yet."""

    node_id: int
    pledged: bool = False
    admitted: bool = False
    withdrawn: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The whole of ``node.json``."""

    fqdn: str
    role: str = "uninitialised"
    node_id: int | None = None
    cluster: str | None = None
    term: int = 0
    leader: Leader | None = None
    joining: Joining | None = None
    reason: str | None = None
    approvals: tuple[Approval, ...] = ()

    @property
    def is_joining(self) -> bool:
        return self.joining is not None and self.joining.withdrawn is None

    @property
    def own_id(self) -> int | None:
        """The id that the leader knows this machine by, also before it is admitted."""
        if self.node_id is None and self.joining and self.is_joining:
            return self.joining.node_id
        return self.node_id

    def advanced(self, state: State) -> "Record":
        """The record that follows from holding ``state``; the leader's entry there admits a
        joining node.
        """
        member = state.find(self.own_id)
        record = replace(self, cluster=state.cluster, term=state.term)
        if self.is_joining and not (member and member.status == "active"):
            return record
        record = replace(record, leader=Leader.of(state.leading))
        if not self.is_joining:
            return record
        return replace(record, role="worker", node_id=self.own_id, joining=None, reason=None)

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA} | asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Record":
        source: dict[str, Any] = json.loads(text)
        source.pop("schema", None)
        leader, joining = source.pop("leader"), source.pop("joining")
        approvals = tuple(Approval(**approval) for approval in source.pop("approvals"))
        return cls(
            **source,
            leader=Leader(**leader) if leader else None,
            joining=Joining(**joining) if joining else None,
            approvals=approvals,
        )
