"""The node's membership: how it comes to lead or follow a cluster, and how it stops."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nodes.agent import acceptance, document, sealing
from nodes.agent.errors import (
    AlreadyMember,
    DocumentError,
    ForeignCluster,
    GenerationNotNewer,
    LeaderCannotLeave,
    NothingSealed,
    NotLeader,
    NotListed,
    Pledged,
)
from nodes.agent.keys import Keys
from nodes.agent.record import Joining, Leader, Record
from nodes.agent.state import State
from nodes.agent.store import Holding, Store
from nodes.agent.succession import Leadership
from nodes.agent.tokens import NEW_NODE, TokenIssuer


@dataclass(frozen=True, slots=True)
class LeaderPin:
    """What the join code and the enrolment proved about the leader."""

    identity_key: str
    tls_fingerprint: str
    console_url: str


class Membership:
    """Every change of role, term or state goes through here, one at a time, and is on disk before
    it is told.
    """

    def __init__(
        self,
        directory: Path,
        *,
        fqdn: str,
        clock: Callable[[], float] = time.time,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.keys = Keys(directory)
        self.issuer = TokenIssuer(clock=clock)
        self.refused: dict[str, str] | None = None
        """The last state that was refused, until one is accepted."""
        self.on_change = on_change
        self._clock = clock
        self._store = Store(directory, fqdn=fqdn)
        self._lock = threading.RLock()

    @property
    def holding(self) -> Holding:
        return self._store.holding

    @property
    def record(self) -> Record:
        return self._store.holding.record

    def token(self, *, audience: str) -> str:
        """A token that proves this node's identity once."""
        issuer = str(self.record.own_id or NEW_NODE)
        return self.issuer.issue(self.keys.identity, issuer=issuer, audience=audience)

    def lead(self, proposed: Mapping[str, Any]) -> str:
        """Found a cluster with this node as its leader; asked again for the same cluster, gives
        the same answer.
        """
        with self._lock:
            state = State.parse(proposed)
            if self.record.role == "leader" and self.record.cluster == state.cluster:
                return self.holding.jws
            self._check_free()
            self._check_lists_us(state, node_id=state.leader)
            jws = document.sign(proposed, key=self.keys.identity, node_id=state.leader)
            record = Record(
                fqdn=self.record.fqdn,
                role="leader",
                node_id=state.leader,
                cluster=state.cluster,
            )
            self._save(Holding(record.advanced(state), jws, state))
            return jws

    def sign(self, proposed: Mapping[str, Any]) -> str:
        """Sign and hold the next generation; the generation held now is answered with what was
        signed before.
        """
        with self._lock:
            state = State.parse(proposed)
            held = self.holding
            self._check_leads(state)
            self._check_lists_us(state, node_id=self.record.node_id)
            if state.generation < held.generation:
                raise GenerationNotNewer(theirs=state.generation, ours=held.generation)
            if state.generation == held.generation:
                return held.jws
            jws = document.sign(proposed, key=self.keys.identity, node_id=state.leader)
            self._save(Holding(held.record.advanced(state), jws, state))
            return jws

    def adopt(self, jws: str, *, node_id: int, leader: LeaderPin) -> None:
        """Hold the state that an enrolment brought, and wait for the leader to admit this node."""
        with self._lock:
            state = acceptance.accept_first(jws, leader_key=leader.identity_key)
            if self._is_adopted(state, node_id=node_id):
                return
            self._check_free()
            self._check_lists_us(state, node_id=node_id)
            pinned = replace(
                Leader.of(state.leading),
                console_url=leader.console_url.removesuffix("/"),
                tls_fingerprint=leader.tls_fingerprint,
            )
            record = Record(
                fqdn=self.record.fqdn,
                cluster=state.cluster,
                leader=pinned,
                joining=Joining(node_id),
            )
            self._save(Holding(replace(record, term=state.term), jws, state))

    def pledge(self) -> None:
        """Promise, durably, to leave the decision to the leader: before the first sync that says
        we hold the state.
        """
        with self._lock:
            joining = self.record.joining
            if joining and self.record.is_joining and not joining.pledged:
                record = replace(self.record, joining=replace(joining, pledged=True))
                self._store.save(replace(self.holding, record=record))

    def receive(self, jws: str) -> State:
        """Accept a state that the leader sent, or raise DocumentError and remember what was
        wrong.
        """
        with self._lock:
            trust = self._trust()
            try:
                state = acceptance.accept(jws, trust=trust)
            except DocumentError as error:
                self.refused = {"code": error.code, "detail": error.detail, "at": self._now()}
                raise
            self.refused = None
            if jws != self.holding.jws:
                self._save(Holding(self.record.advanced(state), jws, state))
            return state

    def confirm(self) -> None:
        """The leader answered this node: a held state that shows it as active admits it."""
        with self._lock:
            held = self.holding
            if held.state and self.record.is_joining:
                self._save(replace(held, record=held.record.advanced(held.state)))

    def withdraw(self, held: Holding, *, code: str, detail: str) -> None:
        """Go back to uninitialised, with the leader's reason, if ``held`` is still the membership
        that it refused.
        """
        with self._lock:
            joining = self.record.joining
            refused = (held.record.cluster, held.record.own_id)
            if joining is None or refused != (self.record.cluster, self.record.own_id):
                return
            withdrawn = replace(joining, withdrawn={"code": code, "detail": detail})
            self._save(Holding(Record(fqdn=self.record.fqdn, joining=withdrawn, reason=detail)))

    def leave(self, *, reason: str | None, force: bool = False) -> None:
        """Forget the cluster and keep the keys; raises Pledged or LeaderCannotLeave unless
        forced.
        """
        with self._lock:
            if not force:
                self._check_may_leave()
            self.refused = None
            self._save(Holding(Record(fqdn=self.record.fqdn, reason=reason)))

    def unseal(self) -> bytes:
        """The sealed part of the held state, for an eligible node."""
        state = self.holding.state
        if state is None or state.sealed is None:
            raise NothingSealed
        return sealing.open_sealed(state.sealed, identity=self.keys.sealing)

    def _save(self, holding: Holding) -> None:
        if holding != self.holding:
            self._store.save(holding)
            self.on_change()

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), tz=UTC).isoformat(timespec="seconds")

    def _check_free(self) -> None:
        if self.record.role != "uninitialised" or self.record.is_joining:
            raise AlreadyMember(cluster=self.record.cluster)

    def _check_leads(self, state: State) -> None:
        ours = (self.record.role, self.record.cluster, self.record.term, self.record.node_id)
        if ours != ("leader", state.cluster, state.term, state.leader):
            raise NotLeader(cluster=state.cluster, term=state.term)

    def _check_lists_us(self, state: State, *, node_id: int | None) -> None:
        member = state.find(node_id)
        listed = member and (member.identity_key, member.sealing_key, member.wireguard_key)
        public = asdict(self.keys.public)
        if listed != (public["identity_key"], public["sealing_key"], public["wireguard_key"]):
            raise NotListed(node_id=node_id)

    def _check_may_leave(self) -> None:
        if self.record.role == "leader":
            raise LeaderCannotLeave
        joining = self.record.joining if self.record.is_joining else None
        if self.record.role != "uninitialised" or (joining and joining.pledged):
            raise Pledged

    def _is_adopted(self, state: State, *, node_id: int) -> bool:
        return (self.record.cluster, self.record.own_id) == (state.cluster, node_id)

    def _trust(self) -> acceptance.Trust:
        record, held = self.record, self.holding
        if record.cluster is None or record.leader is None:
            raise ForeignCluster(theirs="that sent it", ours="no cluster")
        return acceptance.Trust(
            cluster=record.cluster,
            leadership=Leadership(record.term, record.leader.id, record.leader.identity_key),
            generation=held.generation,
            recovery_key=held.state.recovery_key if held.state else "",
            jws=held.jws,
            approvals=record.approvals,
        )
