"""``node.json``: what this node is, readable by everyone on the machine."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from nodes.agent.acceptance import Approval
from nodes.agent.history import BuiltOn, Contest, Deed, HandedOver, Removed, Successor
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
    contested: tuple[Contest, ...] = ()
    overruled: tuple[int, ...] = ()
    """Members whose word against this leader root has overruled by re-asserting."""
    successor: Successor | None = None
    handed_over: HandedOver | None = None
    built_on: BuiltOn | None = None
    removed: Removed | None = None
    deeds: tuple[Deed, ...] = ()

    @property
    def is_joining(self) -> bool:
        return self.joining is not None and self.joining.withdrawn is None

    @property
    def is_member(self) -> bool:
        """Whether the cluster's leader has admitted this node, and nobody has removed it."""
        return self.role in ("leader", "worker", "deposed")

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
        if member:
            record = replace(record, fqdn=member.fqdn)
        if self.is_joining:
            record = replace(record, role="worker", node_id=self.own_id, joining=None, reason=None)
        return record._settled(self, state)

    def _settled(self, before: "Record", state: State) -> "Record":
        """What another leadership ends: approvals, doubts, and the role of who led before."""
        if (before.term, before.leader and before.leader.id) == (state.term, state.leader):
            return replace(self, approvals=_open(self.approvals, state))
        given = self.handed_over
        return replace(
            self,
            role="leader" if state.leader == self.node_id else "worker",
            approvals=_open(self.approvals, state),
            contested=(),
            overruled=(),
            successor=None,
            handed_over=given if given and state.term <= given.term else None,
            built_on=self.built_on if state.leader == self.node_id else None,
        )

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA} | asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """A file of an earlier version lacks what was added since: it is as if empty."""
        source: dict[str, Any] = json.loads(text)
        source.pop("schema", None)
        for name, kind in SINGLE.items():
            value = source.get(name)
            source[name] = kind(**value) if value else None
        for name, kind in SEVERAL.items():
            source[name] = tuple(kind(**value) for value in source.get(name, ()))
        source["overruled"] = tuple(source.get("overruled", ()))
        return cls(**source)


SINGLE: Mapping[str, Any] = {
    "leader": Leader,
    "joining": Joining,
    "successor": Successor,
    "handed_over": HandedOver,
    "built_on": BuiltOn,
    "removed": Removed,
}
SEVERAL: Mapping[str, Any] = {"approvals": Approval, "contested": Contest, "deeds": Deed}


def _open(approvals: tuple[Approval, ...], state: State) -> tuple[Approval, ...]:
    """Approvals that this state has not settled, one way or the other."""
    return tuple(
        given
        for given in approvals
        if state.term <= given.above_term and state.leader != given.node_id
    )
