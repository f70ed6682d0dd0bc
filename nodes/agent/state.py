"""The state document as typed values: whoever holds a ``State`` knows that every member was
checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from nodes.agent import checks
from nodes.agent.errors import DocumentMalformed, NotEligible, SchemaUnsupported, UnknownNode

SCHEMA = 1
STATUSES = ("joining", "active", "removing")


@dataclass(frozen=True, slots=True)
class Member:
    """One node as the state lists it."""

    id: int
    fqdn: str
    label: str
    vpn_address: IPv4Address
    wireguard_key: str
    identity_key: str
    sealing_key: str
    endpoint: str
    console_url: str
    tls_fingerprint: str
    eligible: bool
    status: str

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> "Member":
        status = checks.text(source, "status")
        if status not in STATUSES:
            raise ValueError(f"status is none of {', '.join(STATUSES)}")
        return cls(
            id=checks.number(source, "id"),
            fqdn=checks.matching(source, "fqdn", checks.HOST),
            label=checks.text(source, "label"),
            vpn_address=checks.address(source, "vpn_address"),
            wireguard_key=checks.wireguard_key(source, "wireguard_key"),
            identity_key=checks.raw_key(source, "identity_key"),
            sealing_key=checks.matching(source, "sealing_key", checks.AGE_RECIPIENT),
            endpoint=checks.endpoint(source, "endpoint"),
            console_url=checks.https_url(source, "console_url"),
            tls_fingerprint=checks.matching(source, "tls_fingerprint", checks.FINGERPRINT),
            eligible=checks.boolean(source, "eligible"),
            status=status,
        )

    @property
    def may_lead(self) -> bool:
        return self.eligible and self.status == "active"


@dataclass(frozen=True, slots=True)
class State:
    """What the cluster knows, at one term and generation."""

    cluster: str
    label: str
    vpn_network: IPv4Network
    recovery_key: str
    term: int
    generation: int
    leader: int
    issued_at: str
    members: tuple[Member, ...]
    handover: Mapping[str, Any] | None
    sealed: str | None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "State":
        """Check the whole document; raises SchemaUnsupported or DocumentMalformed."""
        if document.get("schema") != SCHEMA:
            raise SchemaUnsupported(schema=document.get("schema"))
        try:
            state = cls._read(document)
            state._check_members()
        except (ValueError, TypeError, AttributeError) as error:
            raise DocumentMalformed(problem=error) from error
        return state

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> "State":
        cluster = checks.mapping(document, "cluster")
        checks.number(cluster, "max_nodes")
        issued_at = checks.text(document, "issued_at")
        datetime.fromisoformat(issued_at)
        if checks.member(document, "routes") != []:
            raise ValueError("routes are not part of schema 1 yet")
        return cls(
            cluster=checks.cluster_uuid(cluster, "uuid"),
            label=checks.text(cluster, "label"),
            vpn_network=checks.network(cluster, "vpn_network"),
            recovery_key=checks.raw_key(cluster, "recovery_key"),
            term=checks.number(document, "term"),
            generation=checks.number(document, "generation"),
            leader=checks.number(document, "leader"),
            issued_at=issued_at,
            members=tuple(Member.parse(node) for node in checks.member(document, "nodes")),
            handover=_mapping_or_none(document, "handover"),
            sealed=_text_or_none(document, "sealed"),
        )

    def _check_members(self) -> None:
        if self.find(self.leader) is None:
            raise ValueError("the leader is not among the nodes")
        for values in (
            [member.id for member in self.members],
            [member.vpn_address for member in self.members],
            [member.wireguard_key for member in self.members],
            [member.identity_key for member in self.members],
        ):
            if len(set(values)) != len(values):
                raise ValueError("two nodes share an id, an address or a key")
        if any(member.vpn_address not in self.vpn_network for member in self.members):
            raise ValueError("a node's address is outside the VPN's network")

    def find(self, node_id: int | None) -> Member | None:
        return next((member for member in self.members if member.id == node_id), None)

    def find_candidate(self, node_id: int) -> Member:
        """The node, if it may become the leader; raises UnknownNode or NotEligible."""
        member = self.find(node_id)
        if member is None:
            raise UnknownNode(node_id=node_id)
        if not member.may_lead:
            raise NotEligible(node_id=node_id)
        return member

    @property
    def leading(self) -> Member:
        """The leader's own entry."""
        return next(member for member in self.members if member.id == self.leader)


def _mapping_or_none(document: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return None if checks.member(document, name) is None else checks.mapping(document, name)


def _text_or_none(document: Mapping[str, Any], name: str) -> str | None:
    value = checks.member(document, name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value
