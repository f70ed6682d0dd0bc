"""The leader's commands about applications: a closed list, each safe to repeat."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nodes.agent import checks, sealing
from nodes.agent.applications import secrets, usage
from nodes.agent.applications.definition import ALLOWANCES, NAME, Definition
from nodes.agent.applications.entries import RUNNING, STOPPED, Entries, Entry
from nodes.agent.applications.errors import DefinitionInvalid, NotInstalled
from nodes.agent.applications.freight import Parcel
from nodes.agent.applications.installation import Installer
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.standing import Standings
from nodes.agent.applications.supervision import Supervision

Json = dict[str, Any]
Arguments = Mapping[str, Any]
MOST_LINES = 500
LARGEST_LOG = 32 * 1024
STATES = (RUNNING, STOPPED, "restarted")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the verbs need of the agent."""

    opens: Callable[[], str]
    """The age identity of this node."""
    vpn_address: Callable[[], str]
    cluster: Callable[[], str]
    has_next: Callable[[str], bool]
    """Whether another command waits in a lane."""


class Applications:
    """The verbs by name, and the lane that each of their commands belongs into."""

    def __init__(
        self,
        entries: Entries,
        podman: Podman,
        supervision: Supervision,
        standings: Standings,
        installer: Installer,
        *,
        surroundings: Surroundings,
    ) -> None:
        self._entries = entries
        self._podman = podman
        self._supervision = supervision
        self._standings = standings
        self._installer = installer
        self._surroundings = surroundings
        self.verbs: Mapping[str, Callable[[Arguments], Json]] = {
            "install_application": self.install,
            "remove_application": self.remove,
            "set_application_state": self.set_state,
            "read_application_logs": self.read_logs,
        }

    def install(self, arguments: Arguments) -> Json:
        """Install, or change what is installed; what is older than that is not done."""
        definition = Definition.parse(checks.mapping(arguments, "definition"))
        allowed = arguments.get("allowed") or []
        definition.check_allowed([each for each in ALLOWANCES if each in allowed])
        wanted = Entry(
            definition=definition,
            revision=_revision(arguments),
            image=definition.image,
            wanted=_choice(arguments, "wanted", (RUNNING, STOPPED)),
            address=self._surroundings.vpn_address(),
            cluster=self._surroundings.cluster(),
        )
        known = self._entries.find(definition.name)
        oldest = wanted.revision - 1 if known and known.is_proven else wanted.revision
        if known and known.is_newer(oldest, cluster=wanted.cluster):
            return _describe(known)
        with self._standings.holding(definition.name):
            entry = self._installer.install(
                wanted,
                secrets=self._open(arguments),
                parcel=_parcel(arguments),
                is_given_up=lambda: self._surroundings.has_next(lane(definition.name)),
            )
        return _describe(entry)

    def remove(self, arguments: Arguments) -> Json:
        """Remove it, unless something newer was asked for since; ``wipe`` its volumes, or not."""
        name = checks.matching(arguments, "name", NAME)
        entry = self._entries.find(name)
        if entry is None or self._has_newer(entry, arguments):
            return {"removed": False}
        with self._standings.holding(name):
            self._installer.clear(entry, wipe=checks.boolean(arguments, "wipe"))
        return {"removed": True}

    def set_state(self, arguments: Arguments) -> Json:
        """Start, stop or restart it."""
        entry = self._find(arguments)
        state = _choice(arguments, "state", STATES)
        if self._has_newer(entry, arguments):
            return _describe(entry)
        name = entry.name
        with self._standings.holding(name):
            entry = replace(entry, wanted=STOPPED if state == STOPPED else RUNNING)
            self._entries.save(entry)
            if state != RUNNING:
                self._supervision.stop(entry)
            if state != STOPPED:
                self._supervision.start(entry)
                hurried = lane(name)
                self._installer.await_health(
                    entry, is_given_up=lambda: self._surroundings.has_next(hurried)
                )
            self._standings.note(name, state=entry.wanted, health="unknown", detail="")
        return _describe(entry)

    def read_logs(self, arguments: Arguments) -> Json:
        """The last lines that it wrote, printable, and what it uses now."""
        entry = self._find(arguments)
        lines = min(checks.number(arguments, "lines"), MOST_LINES)
        if entry.wanted != RUNNING and self._podman.find(entry.name) is None:
            return {"lines": [], "usage": {}}
        text = self._podman.logs(entry.name, lines=lines)[-LARGEST_LOG:]
        found = self._podman.find(entry.name)
        volumes = self._podman.volumes(entry.name)
        used = usage.measure(
            pid=found.pid if found else 0, paths=[self._podman.volume_path(v) for v in volumes]
        )
        return {"lines": [_printable(line) for line in text.splitlines()], "usage": used}

    def _has_newer(self, entry: Entry, arguments: Arguments) -> bool:
        return entry.is_newer(_revision(arguments), cluster=self._surroundings.cluster())

    def _find(self, arguments: Arguments) -> Entry:
        name = checks.matching(arguments, "name", NAME)
        entry = self._entries.find(name)
        if entry is None:
            raise NotInstalled(name=name)
        return entry

    def _open(self, arguments: Arguments) -> dict[str, str]:
        sealed = arguments.get("sealed")
        if not isinstance(sealed, str) or not sealed:
            return {}
        opened = json.loads(sealing.open_sealed(sealed, identity=self._surroundings.opens()))
        if not isinstance(opened, dict) or not all(map(_is_secret, opened.values())):
            raise DefinitionInvalid(field="secrets", problem="A secret is no text")
        secrets.check(
            opened, checks.mapping({"secret_rules": {}} | dict(arguments), "secret_rules")
        )
        return opened


def lane(name: str) -> str:
    """The lane of all that changes one application."""
    return f"application {name}"


def lane_of(verb: str, arguments: Arguments) -> str:
    """Changes of one application wait for each other, and for nothing else."""
    if verb == "read_application_logs":
        return "application logs"
    if verb == "probe_directory":
        return "directories"
    if verb == "install_application":
        definition = arguments.get("definition")
        arguments = definition if isinstance(definition, dict) else {}
        return lane(str(arguments.get("name"))[:40])
    changes = ("remove_application", "set_application_state")
    return lane(str(arguments.get("name"))[:40]) if verb in changes else "commands"


def _revision(arguments: Arguments) -> int:
    """A term and a generation of it, as one number."""
    value = checks.member(arguments, "revision")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**63:
        raise ValueError("revision is not a number from 1")
    return value


def _parcel(arguments: Arguments) -> Parcel | None:
    told = arguments.get("parcel")
    return Parcel.parse(checks.mapping(arguments, "parcel")) if told else None


def _choice(arguments: Arguments, name: str, choices: tuple[str, ...]) -> str:
    value = checks.text(arguments, name)
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}")
    return value


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and len(value) <= secrets.LONGEST


def _describe(entry: Entry) -> Json:
    return {"revision": entry.revision, "image": entry.image, "wanted": entry.wanted}


def _printable(line: str) -> str:
    """One harmless line: whatever could move a cursor or forge another line is replaced."""
    return "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in line)
