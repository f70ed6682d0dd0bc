"""What the node holds on disk: the record and the last accepted state, always one consistent pair
in memory.
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from nodes.agent import acceptance, document, files
from nodes.agent.errors import DocumentError
from nodes.agent.record import Record
from nodes.agent.state import Member, State
from nodes.agent.succession import Leadership

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """One moment: the record, and the state that it follows (none when uninitialised, or when the
    file was lost).
    """

    record: Record
    jws: str = ""
    state: State | None = None

    @property
    def generation(self) -> int:
        return self.state.generation if self.state else 0

    @property
    def recovery_key(self) -> str:
        """The public half of the cluster's recovery key; empty where no state is held."""
        return self.state.recovery_key if self.state else ""

    @property
    def own(self) -> Member | None:
        """This node's entry in the state."""
        return self.state.find(self.record.own_id) if self.state else None

    @property
    def leadership(self) -> Leadership | None:
        """The last leadership whose state this node holds: all trust begins there.

        The record may already name another, whom a handover or root's word has announced.
        """
        if self.state:
            return Leadership(self.state.term, self.state.leader, self.state.leading.identity_key)
        leader = self.record.leader
        return Leadership(self.record.term, leader.id, leader.identity_key) if leader else None


class Store:
    """The directory ``node/``. The state is written before the record, and removed after it."""

    def __init__(self, directory: Path, *, fqdn: str) -> None:
        self._record_path = directory / "node.json"
        self._state_path = directory / "state.jws"
        self.own_name = fqdn
        """What the machine calls itself; its cluster may have given it another name."""
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
        files.remove_unfinished(self._state_path)
        files.remove_unfinished(self._record_path)
        self.holding = self._load()
        self._write_record(self.holding.record)

    def save(self, holding: Holding) -> None:
        """Make ``holding`` durable, then current."""
        if holding.jws and holding.jws != self.holding.jws:
            files.replace(self._state_path, holding.jws, mode=0o600)
        if holding.record != self.holding.record:
            self._write_record(holding.record)
        if not holding.jws:
            files.remove(self._state_path)
        self.holding = holding

    def _write_record(self, record: Record) -> None:
        text = record.to_json()
        if files.read(self._record_path) != text:
            files.replace(self._record_path, text, mode=0o644)

    def _load(self) -> Holding:
        text = files.read(self._record_path)
        record = Record.from_json(text) if text else Record(fqdn=self.own_name)
        if not record.is_member:
            record = replace(record, fqdn=self.own_name)
        return self._with_state(record)

    def _with_state(self, record: Record) -> Holding:
        """The pair after a crash between the two files: a state newer than the record was
        accepted, so it counts.
        """
        jws = files.read(self._state_path)
        if not jws:
            return Holding(record)
        if record.own_id is None or record.removed:
            files.remove(self._state_path)
            return Holding(record)
        try:
            signer = State.parse(document.read_unverified(jws)).leading
            state = acceptance.accept_first(jws, leader_key=signer.identity_key)
        except DocumentError as error:
            logger.warning("state_file_damaged", extra={"detail": error.detail})
            return Holding(record)
        if state.cluster != record.cluster or state.term < _oldest(record):
            return Holding(record)
        if not record.is_joining and not _is_left_behind(record, state):
            record = record.advanced(state)
        return Holding(record, jws, state)


def _oldest(record: Record) -> int:
    """The term of the oldest state that may lie beside this record."""
    given = record.handed_over
    return record.term - 1 if given and given.term == record.term else record.term


def _is_left_behind(record: Record, state: State) -> bool:
    """Whether this is the last state of a leadership of our own that is over."""
    was_ours = state.leader == record.own_id and record.role != "leader"
    return was_ours and state.term <= record.term
