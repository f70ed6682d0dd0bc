"""The ports of applications that podman publishes none for: in the node's own network."""

from dataclasses import replace

from nodes.agent.applications.arguments import address_of
from nodes.agent.applications.entries import Entries, Entry
from nodes.agent.applications.podman import OWNER_LABEL
from nodes.agent.inventory.applications import Application, port_text
from nodes.agent.inventory.sampler import Engine


class Declared:
    """The sampler's ``Engine``: podman's word, and of ports the definition's where it has none."""

    def __init__(self, engine: Engine, entries: Entries) -> None:
        self._engine = engine
        self._entries = entries

    def marks(self) -> tuple[int, ...]:
        return self._engine.marks()

    def applications(self) -> list[Application]:
        """Raises PodmanFailed."""
        return [self._with_ports(each) for each in self._engine.applications()]

    def _with_ports(self, application: Application) -> Application:
        is_installed = application.labels.get(OWNER_LABEL) == application.name
        if application.ports or not is_installed:
            return application
        entry = self._entries.find(application.name)
        return replace(application, ports=_ports(entry)) if entry else application


def _ports(entry: Entry) -> tuple[str, ...]:
    return tuple(
        port_text(
            str(port.host),
            str(port.container),
            address=address_of(port, vpn_address=entry.address),
            protocol=port.protocol,
        )
        for port in entry.definition.ports
    )
