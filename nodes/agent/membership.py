"""The node's membership: how it comes to lead or follow a cluster, and how it stops."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nodes.agent import (
    acceptance,
    attestation,
    following,
    joining,
    leading,
    leaving,
    sealing,
)
from nodes.agent.errors import (
    AlreadyMember,
    DocumentError,
    NothingSealed,
    NotListed,
)
from nodes.agent.history import Contest, Successor
from nodes.agent.joining import LeaderPin
from nodes.agent.keys import Keys
from nodes.agent.record import Record
from nodes.agent.state import State
from nodes.agent.store import Holding, Store
from nodes.agent.tokens import NEW_NODE, TokenIssuer
from nodes.agent.witness import Witness


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
        self.clock = clock
        self.witness = Witness(directory)
        self._store = Store(directory, fqdn=fqdn)
        self._lock = threading.RLock()

    @property
    def holding(self) -> Holding:
        return self._store.holding

    @property
    def record(self) -> Record:
        return self._store.holding.record

    def token(self, *, audience: str, issuer: TokenIssuer | None = None) -> str:
        """A token that proves this node's identity once; ``issuer`` for another clock than our
        leader's.
        """
        name = str(self.record.own_id or NEW_NODE)
        return (issuer or self.issuer).issue(self.keys.identity, issuer=name, audience=audience)

    def lead(self, proposed: Mapping[str, Any], *, approved: bool = False) -> str:
        """Found a cluster, or take its lead in a later term; asked again, gives the same answer.

        Raises AlreadyMember, TermNotNewer, NotEligible, LeaderNotAuthorised or NotListed.
        """
        with self._lock:
            state, held = State.parse(proposed), self.holding
            ours = (held.record.role, held.record.cluster, held.record.term)
            if ours == ("leader", state.cluster, state.term):
                return held.jws
            self._check_lists_us(state, node_id=state.leader)
            key = self.keys.identity
            if held.record.is_member and held.record.cluster == state.cluster:
                return self._save(
                    leading.take_lead(held, proposed, state, key=key, approved=approved)
                ).jws
            self._check_free()
            return self._save(leading.found(held, proposed, state, key=key)).jws

    def sign(self, proposed: Mapping[str, Any]) -> str:
        """Sign and hold the next generation; the generation held now is answered with what was
        signed before.
        """
        with self._lock:
            state = State.parse(proposed)
            self._check_lists_us(state, node_id=self.record.node_id)
            return self._save(
                leading.sign(self.holding, proposed, state, key=self.keys.identity)
            ).jws

    def hand_over(self, *, to: int, generation: int) -> Mapping[str, Any]:
        """Stop leading, durably, and only then give the link by which ``to`` leads the next
        term; asked again, gives the same link.
        """
        with self._lock:
            given = leading.hand_over(
                self.holding, to=to, generation=generation, key=self.keys.identity
            )
            self._save(given)
            return given.record.handed_over.link if given.record.handed_over else {}

    def reassert(self, *, above: int) -> tuple[int, Mapping[str, Any]]:
        """A later term and the links by which this leader goes on in it; nothing changes yet."""
        with self._lock:
            return leading.reassert(self.holding, above=above, key=self.keys.identity)

    def follow(self, *, node_id: int, by: str, late_changes: int = 0) -> int:
        """Root's word that that member may lead this node, above the term that is returned."""
        with self._lock:
            approved = following.approve(
                self.holding, node_id=node_id, by=by, at=self._now(), late_changes=late_changes
            )
            self._save(approved)
            return approved.record.approvals[0].above_term

    def forget_deeds(self, noted: Iterable[str]) -> None:
        """The leader has these in its audit trail."""
        with self._lock:
            self._store.save(following.forget_deeds(self.holding, noted))

    def contest(self, contests: tuple[Contest, ...], *, seen: Holding) -> None:
        """Note who says that another leads, unless our leadership has changed since ``seen``."""
        with self._lock:
            if self._is_still(seen):
                self._save(following.contest(self.holding, contests))

    def depose(self, successor: Successor, *, seen: Holding) -> None:
        """Lead no more, unless our leadership has changed since ``seen``."""
        with self._lock:
            if self._is_still(seen):
                self._save(following.depose(self.holding, successor))

    def attest(self) -> str:
        """Our signed word on who leads."""
        return attestation.attest(self.holding, key=self.keys.identity)

    def farewell(self, *, node_id: int, identity_key: str) -> str:
        """The leader's signed word that this node is no member."""
        return leaving.sign_farewell(
            self.holding, node_id=node_id, identity_key=identity_key, key=self.keys.identity
        )

    def depart(self, farewell: str, *, handover: Mapping[str, Any] | None) -> None:
        """Be no member any more, if our leader says so; raises FarewellInvalid."""
        with self._lock:
            key = self.keys.public.identity_key
            self._save(
                leaving.depart(
                    self.holding, farewell, handover=handover, identity_key=key, at=self._now()
                )
            )

    def confirm_removal(self) -> None:
        """The leader knows that we know."""
        with self._lock:
            self._store.save(leaving.confirm_removal(self.holding))

    def clean_start(self) -> None:
        """Be a new machine, with new keys; raises NotRemoved."""
        with self._lock:
            fresh = leaving.start_clean(self.holding, name=self._store.own_name)
            self.keys.renew()
            self._save(fresh)

    def adopt(self, jws: str, *, node_id: int, leader: LeaderPin) -> None:
        """Hold the state that an enrolment brought, and wait for the leader to admit this node."""
        with self._lock:
            state = acceptance.accept_first(jws, leader_key=leader.identity_key)
            if joining.is_adopted(self.holding, state, node_id=node_id):
                return
            self._check_free()
            self._check_lists_us(state, node_id=node_id)
            self._save(joining.adopt(self.holding, jws, state, node_id=node_id, leader=leader))

    def pledge(self) -> None:
        """Promise, durably, to leave the decision to the leader: before the first sync that says
        we hold the state.
        """
        with self._lock:
            self._store.save(joining.pledge(self.holding))

    def receive(self, jws: str, *, asked_with: Holding | None = None) -> State | None:
        """Accept a state that the leader sent, or raise DocumentError and remember what was
        wrong.

        An answer to who held ``asked_with`` is void when another state is held meanwhile: the
        leader's own console may have signed a later one since.
        """
        with self._lock:
            if asked_with is not None and asked_with.jws != self.holding.jws:
                return self.holding.state
            try:
                accepted = following.accept(self.holding, jws)
            except DocumentError as error:
                self.refused = {"code": error.code, "detail": error.detail, "at": self._now()}
                raise
            self.refused = None
            self._save(accepted)
            return accepted.state

    def confirm(self) -> None:
        """The leader answered this node: a held state that shows it as active admits it."""
        with self._lock:
            self._save(joining.confirm(self.holding))

    def withdraw(self, held: Holding, *, code: str, detail: str) -> None:
        """Go back to uninitialised, with the leader's reason, if ``held`` is still the membership
        that it refused.
        """
        with self._lock:
            name = self._store.own_name
            self._save(joining.withdraw(self.holding, held, code=code, detail=detail, name=name))

    def leave(self, *, reason: str | None, force: bool = False) -> None:
        """Forget the cluster and keep the keys; raises Pledged or LeaderCannotLeave unless
        forced.
        """
        with self._lock:
            if not force:
                joining.check_may_leave(self.record)
            self.refused = None
            self._save(Holding(Record(fqdn=self._store.own_name, reason=reason)))

    def unseal(self) -> tuple[bytes, str]:
        """The sealed part of the held state, for an eligible node, and the state itself."""
        held = self.holding
        if held.state is None or held.state.sealed is None:
            raise NothingSealed
        return sealing.open_sealed(held.state.sealed, identity=self.keys.sealing), held.jws

    def _save(self, holding: Holding) -> Holding:
        if holding != self.holding:
            self._store.save(holding)
            self.on_change()
        return holding

    def _is_still(self, seen: Holding) -> bool:
        """Whether this node leads the term that it led then."""
        now, then = self.record, seen.record
        return now.role == "leader" and (now.cluster, now.term) == (then.cluster, then.term)

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock(), tz=UTC).isoformat(timespec="seconds")

    def _check_free(self) -> None:
        if self.record.role != "uninitialised" or self.record.is_joining:
            raise AlreadyMember(cluster=self.record.cluster)

    def _check_lists_us(self, state: State, *, node_id: int | None) -> None:
        member = state.find(node_id)
        listed = member and (member.identity_key, member.sealing_key, member.wireguard_key)
        public = asdict(self.keys.public)
        if listed != (public["identity_key"], public["sealing_key"], public["wireguard_key"]):
            raise NotListed(node_id=node_id)
