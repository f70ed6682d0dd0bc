"""The matrix: from each node to the candidate, every check with its sentence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cluster.errors import NodeNotReachable
from cluster.preflight import reach, standing, tunnel
from cluster.preflight.checks import Check, Kind, Preflight
from cluster.preflight.sights import Sight, read_sight
from nodes.models import Command, Node

SILENT = NodeNotReachable.code


def judge(candidate: Node, *, origins: Sequence[Node], asked: Mapping[int, Command]) -> Preflight:
    """Every active node's word on ``candidate``; who did not answer has failed."""
    sights = {node.pk: _sight(node, asked.get(node.pk)) for node in origins}
    seen = {pk: sight for pk, sight in sights.items() if isinstance(sight, Sight)}
    version = _newest(asked.values())
    fresh = next((node for node in origins if node.pk == candidate.pk), candidate)
    checks: list[Check] = []
    for node in origins:
        sight = sights[node.pk]
        if isinstance(sight, str):
            checks.append(Check(f"node{node.pk}", Kind.ANSWER, False, sight, SILENT))
        else:
            checks += _check_one(node, fresh, seen=seen, version=version)
    return Preflight.of(checks)


def _newest(commands: Iterable[Command]) -> tuple[int, int]:
    """The state that every node should hold by now: the one of the time when it was asked, because
    on a busy cluster there is always a newer one.
    """
    told = [tuple(command.arguments.get("newest") or (0, 0)) for command in commands]
    term, generation = min(told, default=(0, 0))
    return term, generation


def _sight(node: Node, command: Command | None) -> Sight | str:
    """What it saw, or the sentence that says why that is not known."""
    if command is None:
        return f"node{node.pk} ({node.fqdn}) is offline, so nothing could be probed from there."
    if command.acknowledged_at is None:
        return f"node{node.pk} ({node.fqdn}) did not answer in time. Is its agent running?"
    sight = read_sight(command)
    if isinstance(sight, str):
        return f"node{node.pk} ({node.fqdn}) was asked, but {sight}."
    return sight


def _check_one(
    node: Node, candidate: Node, *, seen: Mapping[int, Sight], version: tuple[int, int]
) -> Iterator[Check]:
    yield Check(f"node{node.pk}", Kind.ANSWER, True, f"node{node.pk} ({node.fqdn}) answered.")
    if node.pk == candidate.pk:
        yield standing.check_eligible(candidate)
    else:
        yield from reach.check_reach(node, candidate, seen=seen)
        yield tunnel.check_tunnel(node, candidate, seen=seen)
        yield standing.check_version(node, candidate)
        yield standing.check_clock(node, candidate)
    yield standing.check_state(node, version=version)
