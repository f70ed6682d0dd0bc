"""Making a definition real, or leaving everything as it was."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from nodes.agent.applications import health
from nodes.agent.applications.arguments import volume_name
from nodes.agent.applications.entries import RUNNING, STOPPED, Entries, Entry
from nodes.agent.applications.errors import (
    ApplicationError,
    DefinitionInvalid,
    NameTaken,
    PortTaken,
    SecretMissing,
    Superseded,
    Unhealthy,
)
from nodes.agent.applications.freight import Freight, Parcel
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.processes import born
from nodes.agent.applications.standing import Standings
from nodes.agent.applications.supervision import Supervision
from nodes.agent.applications.tool import last_line

LOOK_SECONDS = 0.2
SETTLE_SECONDS = 1.0
"""What must have run so long counts as started, where no port can be asked."""
GivenUp = Callable[[], bool]


class Installer:
    """Installs and changes applications of this node."""

    def __init__(
        self,
        entries: Entries,
        podman: Podman,
        supervision: Supervision,
        standings: Standings,
        *,
        images: Path,
        freight: Freight,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._entries = entries
        self._podman = podman
        self._supervision = supervision
        self._standings = standings
        self._images = images
        self._freight = freight
        self._sleep = sleep

    def install(
        self,
        wanted: Entry,
        *,
        secrets: Mapping[str, str],
        parcel: Parcel | None = None,
        is_given_up: GivenUp,
    ) -> Entry:
        """Run ``wanted``, healthy, in the place of what was there; raises ApplicationError, and
        then what was there before is there again. ``parcel``: its image is with the leader.
        """
        known = before = self._entries.find(wanted.name)
        if before is not None and not before.is_proven:
            # the agent was ended in the middle of it: what counts is what worked before
            wanted, before = replace(wanted, made=before.made), before.previous
        try:
            self._check_place(wanted, known)
            image = self._fetch(wanted, parcel, is_given_up=is_given_up)
            entry = self._prepare(replace(wanted, image=image), before, secrets=secrets)
        except (ApplicationError, OSError):
            self._leave_as_was(wanted.name, known)
            raise
        try:
            self._bring_up(entry, is_given_up=is_given_up)
        except (ApplicationError, OSError):
            self.go_back(entry)
            raise
        return self._conclude(entry)

    def _leave_as_was(self, name: str, known: Entry | None) -> None:
        """Nothing was written down yet, but perhaps by an earlier try."""
        if known is None:
            self._standings.forget(name)
        elif not known.is_proven:
            self.go_back(known)

    def go_back(self, entry: Entry) -> None:
        """To what was there before an entry that is not proven."""
        previous = entry.previous
        self._doing(entry, "Going back to what was there before.")
        if previous is None:
            self._entries.save(replace(entry, wanted=STOPPED))  # should podman refuse the rest
            self.clear(entry, wipe=False)
            return
        self._entries.save(previous)
        self._drop_secrets(previous)
        if previous.wanted == RUNNING:
            self._supervision.start(previous)
        else:
            self._supervision.forget(previous.name)

    def clear(self, entry: Entry, *, wipe: bool) -> None:
        """Nothing of it is left but what it has stored, and not even that with ``wipe``; what an
        installation that never worked has stored is nothing.
        """
        name = entry.name
        self._supervision.forget(name)
        for volume in self._podman.volumes(name) if wipe else entry.made:
            self._podman.remove_volume(volume)
        for secret in self._podman.secrets(name):
            self._podman.remove_secret(secret)
        self._entries.forget(name, with_paths=wipe)
        self._standings.forget(name)

    def _check_place(self, wanted: Entry, before: Entry | None) -> None:
        """The name and the ports; raises NameTaken, PortTaken, DefinitionInvalid."""
        found = self._podman.find(wanted.name)
        if found is not None and found.owner != wanted.name:
            raise NameTaken(field="name", name=wanted.name)
        held = self._held_ports(wanted.name)
        own = {(p.host, p.protocol) for p in before.definition.ports} if before else set()
        is_ours = found is not None and found.is_running
        is_same = found is not None and found.revision == wanted.revision
        for port in wanted.definition.ports:
            key = (port.host, port.protocol)
            if port.bind == "vpn" and not wanted.address:
                raise DefinitionInvalid(field="ports", problem="This node has no VPN address")
            if key in held:
                raise PortTaken(field="ports", port=port.host, holder=held[key])
            is_free = health.is_port_free(port, vpn_address=wanted.address)
            if not is_free and not (is_ours and (is_same or key in own)):
                raise PortTaken(field="ports", port=port.host, holder="something else")

    def _held_ports(self, name: str) -> dict[tuple[int, str], str]:
        others = [entry for entry in self._entries.all() if entry.name != name]
        return {
            (port.host, port.protocol): other.name
            for other in others
            for port in other.definition.ports
        }

    def _prepare(self, wanted: Entry, before: Entry | None, *, secrets: Mapping[str, str]) -> Entry:
        """With its image and its secrets; only then is it written down."""
        definition = wanted.definition
        names = self._keep_secrets(wanted, before, given=secrets)
        volumes = [volume_name(wanted.name, v) for v in definition.volumes if v.name]
        made = [name for name in volumes if not self._podman.has_volume(name)]
        entry = replace(
            wanted,
            secrets=names,
            made=(*wanted.made, *made) if before is None else (),
            previous=before and replace(before, previous=None),
        )
        self._entries.save(entry)
        return entry

    def _fetch(self, wanted: Entry, parcel: Parcel | None, *, is_given_up: GivenUp) -> str:
        """What podman shall run."""
        definition = wanted.definition
        self._doing(wanted, "Fetching the image.")
        if parcel is not None:
            return self._unpack(wanted, parcel, is_given_up=is_given_up)
        if not definition.archive:
            self._podman.ensure_image(definition.image, is_given_up=is_given_up)
            return definition.image
        path = self._images / definition.archive
        return self._podman.load_archive(path, is_given_up=is_given_up)

    def _unpack(self, wanted: Entry, parcel: Parcel, *, is_given_up: GivenUp) -> str:
        """Under the definition's name, whatever the archive calls it; what runs, or ran before, is
        known by its number, so that going back finds it.
        """
        says = partial(self._doing, wanted)
        with self._freight.fetched(parcel, says=says, is_given_up=is_given_up) as path:
            loaded = self._podman.load_archive(path, is_given_up=is_given_up)
        return self._podman.name_image(loaded, name=wanted.definition.image)

    def _keep_secrets(
        self, wanted: Entry, before: Entry | None, *, given: Mapping[str, str]
    ) -> dict[str, str]:
        """Podman's names of them: a new value has a new name, so that going back is possible."""
        known = dict((before and before.secrets) or {})
        missing = set(wanted.definition.secrets) - set(given) - set(known)
        if missing:
            raise SecretMissing(field="secrets", secret=min(missing))
        for variable in wanted.definition.secrets:
            if variable in given:
                known[variable] = f"flotilla-{wanted.name}.{variable}.{wanted.revision}"
                self._podman.ensure_secret(known[variable], given[variable])
        return {variable: known[variable] for variable in wanted.definition.secrets}

    def _bring_up(self, entry: Entry, *, is_given_up: GivenUp) -> None:
        if entry.wanted != RUNNING:
            self._supervision.forget(entry.name)
            return
        self._doing(entry, "Starting it.")
        for volume in entry.definition.volumes:
            if volume.source and not volume.is_foreign:
                path = self._entries.path(entry.name, volume.source)
                path.mkdir(parents=True, exist_ok=True)
        self._supervision.start(entry)
        self._doing(entry, "Waiting until it is healthy.")
        self.await_health(entry, is_given_up=is_given_up)

    def await_health(self, entry: Entry, *, is_given_up: GivenUp) -> None:
        """Raises Unhealthy, Superseded."""
        found = self._podman.find(entry.name)
        pid = found.pid if found and found.is_running else 0
        birth, waited = born(pid), 0.0
        settled = SETTLE_SECONDS if entry.definition.health.kind == "none" else 0.0
        while birth and born(pid) == birth:
            fault = health.find_fault(entry)
            if not fault and waited >= settled:
                return
            if waited > entry.definition.health.seconds:
                raise Unhealthy(problem=fault)
            if is_given_up():
                raise Superseded
            self._sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
        raise Unhealthy(problem=self._last_words(entry))

    def _last_words(self, entry: Entry) -> str:
        try:
            said = last_line(self._podman.logs(entry.name, lines=5))
        except ApplicationError:
            said = ""
        return f"it ended at once. Its last words: {said}" if said else "it ended at once."

    def _conclude(self, entry: Entry) -> Entry:
        proven = replace(entry, is_proven=True, previous=None, made=())
        self._entries.save(proven)
        self._drop_secrets(proven)
        asked = entry.definition.health.kind != "none" and entry.wanted == RUNNING
        state = "running" if entry.wanted == RUNNING else "stopped"
        well = "healthy" if asked else "unknown"
        self._standings.note(
            entry.name, revision=entry.revision, state=state, health=well, detail=""
        )
        return proven

    def _drop_secrets(self, entry: Entry) -> None:
        """Values that nothing uses any more."""
        kept = set((entry.secrets or {}).values())
        for name in self._podman.secrets(entry.name):
            if name not in kept:
                self._podman.remove_secret(name)

    def _doing(self, entry: Entry, what: str) -> None:
        self._standings.note(entry.name, doing=what)
