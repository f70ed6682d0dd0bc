"""An application as podman's arguments: what is not written here, it cannot have."""

from collections.abc import Iterator

from nodes.agent.applications.entries import Entries, Entry
from nodes.agent.applications.parts import Port, Volume
from nodes.agent.applications.podman import OWNER_LABEL, REVISION_LABEL
from nodes.agent.logs.sources import has_journal

LOCAL = "127.0.0.1"
LOG_SIZE = "20mb"


def run_arguments(entry: Entry, entries: Entries) -> list[str]:
    """Of ``podman run``: in the background, in the place of the container before."""
    definition = entry.definition
    arguments = ["--detach", "--replace", "--pull=never", f"--name={entry.name}"]
    arguments += [f"--label={key}={value}" for key, value in labels(entry)]
    arguments += [f"--env={key}={value}" for key, value in environment(entry)]
    arguments += [f"--secret={secret}" for secret in secrets(entry)]
    arguments += [f"--volume={volume}" for volume in volumes(entry, entries)]
    arguments += [f"--publish={port}" for port in ports(entry)]
    arguments += options(entry)
    arguments += logs(entry, entries)
    return [*arguments, entry.image, *definition.command]


def options(entry: Entry) -> list[str]:
    """What has no list of its own."""
    definition = entry.definition
    limit = [f"--memory={definition.memory}m"] if definition.memory else []
    network = ["--network=host"] if definition.network == "host" else []
    return [*limit, *network, *(["--privileged"] if definition.privileged else [])]


def logs(entry: Entry, entries: Entries) -> list[str]:
    """Where there is no journal, a file that is shipped to the leader."""
    if has_journal():
        return []
    path = entries.log_path(entry.name)
    return ["--log-driver=k8s-file", f"--log-opt=path={path}", f"--log-opt=max-size={LOG_SIZE}"]


def labels(entry: Entry) -> Iterator[tuple[str, str]]:
    """All of them, also where they are empty: an image may come with others of the same names."""
    yield OWNER_LABEL, entry.name
    yield REVISION_LABEL, str(entry.revision)
    yield "flotilla.role", entry.definition.role
    yield "flotilla.domain", entry.definition.domain


def environment(entry: Entry) -> Iterator[tuple[str, str]]:
    yield from sorted((entry.definition.environment or {}).items())


def secrets(entry: Entry) -> Iterator[str]:
    for variable, name in sorted((entry.secrets or {}).items()):
        yield f"{name},type=env,target={variable}"


def volumes(entry: Entry, entries: Entries) -> Iterator[str]:
    for volume in entry.definition.volumes:
        mode = ":ro" if volume.read_only else ""
        yield f"{_source(entry, volume, entries)}:{volume.path}{mode}"


def volume_name(application: str, volume: Volume) -> str:
    """What podman calls a volume; a name has no dot, so that web-data is nobody else's."""
    return f"flotilla-{application}.{volume.name}"


def ports(entry: Entry) -> Iterator[str]:
    """None in the node's own network: there they are open as they are."""
    if entry.definition.network == "host":
        return
    for port in entry.definition.ports:
        address = address_of(port, vpn_address=entry.address)
        where = f"{address}:" if address else ""
        yield f"{where}{port.host}:{port.container}/{port.protocol}"


def address_of(port: Port, *, vpn_address: str) -> str:
    """Where a port is shown; empty for everywhere."""
    return {"local": LOCAL, "vpn": vpn_address}.get(port.bind, "")


def _source(entry: Entry, volume: Volume, entries: Entries) -> str:
    if volume.name:
        return volume_name(entry.name, volume)
    return volume.source if volume.is_foreign else str(entries.path(entry.name, volume.source))
