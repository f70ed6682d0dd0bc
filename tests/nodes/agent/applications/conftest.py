"""A node that runs applications, with a podman in memory."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import sealing
from nodes.agent.applications import arguments, health, installation, keeper
from nodes.agent.applications.entries import Entries
from nodes.agent.applications.shipyard import Shipyard
from nodes.agent.applications.verbs import Surroundings
from nodes.agent.keys import Keys
from tests.nodes.agent.applications.engine import SITE, FakePodman


@dataclass
class Leader:
    """Holds one archive ready; ``before_piece`` is what happens before each piece of it."""

    archive: bytes = b""
    piece: int = 4
    before_piece: Callable[[int], object] = lambda number: None

    def __call__(self, sha256: str, *, number: int) -> bytes:
        self.before_piece(number)
        return self.archive[number * self.piece :][: self.piece]

    @property
    def parcel(self) -> dict[str, Any]:
        return {"sha256": hashlib.sha256(self.archive).hexdigest(), "size": len(self.archive)}


@dataclass
class Yard:
    """One node; ``faults`` is what its applications answer, by name, and ``taken`` its ports."""

    directory: Path
    podman: FakePodman = field(default_factory=FakePodman)
    leader: Leader = field(default_factory=Leader)
    faults: dict[str, str] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    is_hurried: bool = False
    vpn_address: str = "10.5.4.2"
    cluster: str = "ours"
    told: int = 0
    revision: int = 0

    def __post_init__(self) -> None:
        self.keys = Keys(self.directory / "node")
        self.shipyard = self.boot()

    def boot(self) -> Shipyard:
        """The agent starts, or starts again."""
        surroundings = Surroundings(
            opens=lambda: self.keys.sealing,
            vpn_address=lambda: self.vpn_address,
            cluster=lambda: self.cluster,
            has_next=lambda lane: self.is_hurried,
        )
        self.shipyard = Shipyard(
            self.directory,
            surroundings=surroundings,
            pieces=self.leader,
            on_change=self._tell,
            tool=self.podman,
            sleep=_no_time,
        )
        return self.shipyard

    @property
    def entries(self) -> Entries:
        return Entries(self.directory / "applications")

    @property
    def standing(self) -> dict[str, Any]:
        return self.shipyard.standings.report()

    def install(
        self,
        *,
        secrets: Mapping[str, str] | None = None,
        needs: Sequence[str] = (),
        wanted: str = "running",
        allowed: tuple[str, ...] = (),
        revision: int = 0,
        secret_rules: Mapping[str, Any] | None = None,
        parcel: Mapping[str, Any] | None = None,
        **definition: Any,
    ) -> dict[str, Any]:
        """``web`` from an image that is there, unless ``definition`` says otherwise."""
        self.revision = revision or self.revision + 1
        names = sorted({*needs, *(secrets or {})})
        values = {"name": "web", "image": SITE, "secrets": names} | definition
        arguments = {
            "definition": values,
            "revision": self.revision,
            "wanted": wanted,
            "allowed": list(allowed),
            "secret_rules": dict(secret_rules or {}),
            "parcel": parcel,
        }
        if secrets:
            recipient = self.keys.public.sealing_key
            plain = json.dumps(secrets).encode()
            arguments["sealed"] = sealing.seal(plain, recipients=[recipient])
        return self.ask("install_application", arguments)

    def remove(self, name: str = "web", *, wipe: bool = False, revision: int = 0) -> dict[str, Any]:
        self.revision = revision or self.revision + 1
        arguments = {"name": name, "revision": self.revision, "wipe": wipe}
        return self.ask("remove_application", arguments)

    def set_state(self, state: str, name: str = "web") -> dict[str, Any]:
        self.revision += 1
        arguments = {"name": name, "revision": self.revision, "state": state}
        return self.ask("set_application_state", arguments)

    def ask(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self.shipyard.applications.verbs[verb](arguments)

    def _tell(self) -> None:
        self.told += 1


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """Nothing is installed, every port is free, and time costs nothing."""
    made = Yard(tmp_path)
    monkeypatch.setattr(health, "find_fault", lambda entry: made.faults.get(entry.name, ""))
    monkeypatch.setattr(health, "is_port_free", lambda port, **_: port.host not in made.taken)
    monkeypatch.setattr(arguments, "has_journal", lambda: True)
    monkeypatch.setattr(keeper, "born", made.podman.born)
    monkeypatch.setattr(installation, "born", made.podman.born)
    return made


def _no_time(seconds: float) -> None:
    """Time passes without anybody waiting."""
