"""What this node remembers of audit trails, its own and others': so that one whose end was cut,
that was written anew, or that is an old copy, contradicts somebody.
"""

import json
import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from nodes.agent import checks, files, signing
from nodes.agent.encoding import canonical_json, read_object
from nodes.agent.errors import CheckpointDiffers, CheckpointGoesBack, CheckpointInvalid

logger = logging.getLogger(__name__)
FILE = "witness.json"
KIND = "flotilla-checkpoint"
"""The ``typ`` of the signature."""
LONGEST = 4096
RECENT = 60
"""So many of the newest are kept, whatever their age."""
HOURLY = timedelta(days=2)
MOST = 250
"""Of one trail."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How long the trail of a node was, and the hash of its last event, as the node signed it."""

    cluster: str
    node: int
    term: int
    count: int
    hash: str
    time: str
    jws: str = ""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.time)

    def signed(self, *, key: Any) -> "Checkpoint":
        """With the node's signature."""
        content = {name: value for name, value in asdict(self).items() if name != "jws"}
        jws = signing.sign(canonical_json(content), key=key, key_id=str(self.node), kind=KIND)
        return Checkpoint(**content, jws=jws)


def parse(jws: str) -> Checkpoint:
    """What the checkpoint says, before anybody vouches for it; raises CheckpointInvalid."""
    try:
        header, payload = signing.read_unverified(jws)
        content = read_object(payload)
        checkpoint = Checkpoint(
            cluster=checks.cluster_uuid(content, "cluster"),
            node=checks.number(content, "node"),
            term=checks.number(content, "term"),
            count=checks.number(content, "count"),
            hash=checks.matching(content, "hash", checks.FINGERPRINT),
            time=datetime.fromisoformat(checks.text(content, "time", longest=40)).isoformat(),
            jws=jws,
        )
    except (signing.SignatureRejected, ValueError) as error:
        raise CheckpointInvalid(problem=error) from error
    if (header.get("typ"), header.get("kid")) != (KIND, str(checkpoint.node)):
        raise CheckpointInvalid(problem="it is signed as something else")
    return checkpoint


def read(jws: str, *, key: str) -> Checkpoint:
    """What the owner of ``key`` signed; raises CheckpointInvalid."""
    checkpoint = parse(jws)
    try:
        signing.verify(jws, key=key)
    except signing.SignatureRejected as error:
        raise CheckpointInvalid(problem="its signature is not valid") from error
    return checkpoint


class Witness:
    """The file ``node/witness.json``: for each trail and term the newest checkpoints, and some of
    those before them.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE
        self._lock = threading.Lock()

    @cached_property
    def _kept(self) -> list[Checkpoint]:
        files.remove_unfinished(self._path)
        try:
            return [parse(jws) for jws in read_file(self._path)]
        except (CheckpointInvalid, ValueError, KeyError) as error:
            logger.warning("witness_file_damaged", extra={"detail": str(error)})
            self._path.replace(self._path.with_suffix(".damaged"))
            return []

    def of(self, node: int, *, cluster: str | None) -> list[Checkpoint]:
        """What is kept of one node's trail, oldest first."""
        return [kept for kept in self._kept if (kept.node, kept.cluster) == (node, cluster)]

    def keep(self, told: Checkpoint) -> Checkpoint:
        """Remember it durably; asked again for the same end, gives what is kept of it.

        Raises CheckpointGoesBack or CheckpointDiffers.
        """
        with self._lock:
            last = self._last(told)
            if last is not None and told.count < last.count:
                raise CheckpointGoesBack(theirs=told.count, ours=last.count, at=last.time)
            if last is not None and told.count == last.count:
                if told.hash != last.hash:
                    raise CheckpointDiffers(count=told.count, at=last.time)
                return last
            self._save([*(k for k in self._kept if k.cluster == told.cluster), told])
            return told

    def _last(self, told: Checkpoint) -> Checkpoint | None:
        same = (told.cluster, told.node, told.term)
        kept = [k for k in self._kept if (k.cluster, k.node, k.term) == same]
        return max(kept, key=lambda one: one.count, default=None)

    def _save(self, kept: Iterable[Checkpoint]) -> None:
        trails: dict[int, list[Checkpoint]] = {}
        for one in kept:
            trails.setdefault(one.node, []).append(one)
        thinned = [one for trail in trails.values() for one in thin(trail)]
        content = {"checkpoints": [one.jws for one in thinned]}
        files.replace(self._path, json.dumps(content), mode=0o600)
        vars(self)["_kept"] = thinned


def read_file(path: Path) -> list[str]:
    """The signed checkpoints in a node's file, without its agent; none where there is no file."""
    text = files.read(path)
    kept: list[str] = read_object(text)["checkpoints"] if text else []
    return kept


def thin(trail: list[Checkpoint]) -> list[Checkpoint]:
    """Everything recent; before that the first of each hour, and before that of each day.

    A trail that is written anew from some event on contradicts every one that is kept of later.
    """
    older, recent = trail[:-RECENT], trail[-RECENT:]
    first = {_slot(one, newest=recent[-1].at): one for one in reversed(older)}
    return [*reversed(first.values()), *recent][-MOST:]


def _slot(checkpoint: Checkpoint, *, newest: datetime) -> str:
    is_late = newest - checkpoint.at < HOURLY
    return checkpoint.time[: len("2026-11-22T10" if is_late else "2026-11-22")]


def describe(kept: Iterable[Checkpoint]) -> list[str]:
    """For others, as it was signed."""
    return [one.jws for one in kept]


def check_arguments(arguments: Mapping[str, Any]) -> tuple[str, int, bool]:
    """Of the command ``witness``: a checkpoint or nothing, whose trail, and whether all is asked
    for; raises ValueError.
    """
    jws = checks.text({"jws": ""} | dict(arguments), "jws", longest=LONGEST)
    is_full = checks.boolean({"full": False} | dict(arguments), "full")
    return jws, checks.number(arguments, "trail"), is_full
