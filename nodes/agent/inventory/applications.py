"""One application as it is told to the leader, and how much of all of them is told."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from nodes.agent.encoding import canonical_json

MOST = 500
MOST_PORTS = 50
MOST_LABELS = 50
LARGEST = 160 * 1024
"""Bytes of the whole list; a sync's body may have 256 KiB."""
OUR_LABELS = "flotilla."


@dataclass(frozen=True, slots=True)
class Application:
    """A container, a pod or a service."""

    engine: str
    name: str
    image: str
    state: str
    ports: tuple[str, ...]
    labels: Mapping[str, str]


def make(
    engine: str,
    name: str,
    *,
    image: str = "",
    state: str,
    ports: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> Application:
    """Within the lengths that the leader accepts, and printable."""
    ours_first = sorted((labels or {}).items(), key=lambda pair: not is_ours(pair[0]))
    return Application(
        engine=engine,
        name=_clean(name, 200),
        image=_clean(image, 300),
        state=_clean(state, 32),
        ports=tuple(_clean(port, 64) for port in ports[:MOST_PORTS]),
        labels={_clean(key, 128): _clean(value, 256) for key, value in ours_first[:MOST_LABELS]},
    )


def port_text(outside: str, inside: str, *, address: str, protocol: str) -> str:
    """``8080->80/tcp``, with the address where it is not any."""
    where = f"{address}:" if address not in ("", "0.0.0.0") else ""  # noqa: S104 - compared only
    return f"{where}{outside}->{inside}/{protocol}"


def is_ours(label: str) -> bool:
    return label.startswith(OUR_LABELS)


def fit(found: Iterable[Application]) -> list[Application]:
    """Each once, in order, and no more than a sync can carry: foreign labels go first."""
    each_once = {(each.engine, each.name): each for each in found}
    listed = [each_once[key] for key in sorted(each_once)][:MOST]
    if _size(listed) > LARGEST:
        listed = [_without_foreign_labels(each) for each in listed]
    while _size(listed) > LARGEST:
        listed = listed[: len(listed) * 9 // 10]
    return listed


def digest(listed: Sequence[Application]) -> str:
    """Changes with any of what is told."""
    content = canonical_json({"applications": [asdict(each) for each in listed]})
    return hashlib.sha256(content).hexdigest()


def _without_foreign_labels(application: Application) -> Application:
    labels = {key: value for key, value in application.labels.items() if is_ours(key)}
    return replace(application, labels=labels)


def _size(listed: Sequence[Application]) -> int:
    return len(json.dumps([asdict(each) for each in listed]))


def _clean(text: str, longest: int) -> str:
    """Printable, and not longer than that."""
    return "".join(each if each.isprintable() else "?" for each in text[:longest])
