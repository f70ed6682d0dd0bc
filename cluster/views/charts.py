"""A node's last day as small charts: points for a picture, and the same in words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext

from nodes.models import Metric, Node
from nodes.models.metric import EVERY, KEPT

WIDTH, HEIGHT = 288, 60
"""One unit a sample, and the room for the largest value."""
GAP = 2 * EVERY
"""Two samples that are further apart are not joined by a line."""
LOWEST_LOAD = 1.0
Value = Callable[[Metric], float | None]
Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is drawn without a break."""

    line: str
    area: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure over the last day."""

    name: str
    newest: str
    words: str
    stretches: Sequence[Stretch]
    top: str
    """What the upper edge stands for."""
    width: int = WIDTH
    height: int = HEIGHT


def charts(node: Node, *, now: datetime) -> list[Chart]:
    """Processors, load, memory and each disk; nothing for what was never reported."""
    metrics = list(Metric.objects.of_the_last_day(node, now=now))
    paths = sorted({path for metric in metrics for path in metric.disks})
    wanted: list[tuple[str, Value]] = [
        (gettext("CPU"), lambda metric: metric.cpu_percent),
        (gettext("Memory"), lambda metric: metric.memory_percent),
        *((gettext("Disk {name}").format(name=path), _disk(path)) for path in paths),
    ]
    percentages = [_percentages(name, _points(metrics, value), now) for name, value in wanted]
    load = _load(_points(metrics, lambda metric: metric.load), now)
    drawn = [*percentages[:1], load, *percentages[1:]]
    return [chart for chart in drawn if chart is not None]


def _disk(path: str) -> Value:
    return lambda metric: metric.disks.get(path)


def _points(metrics: Iterable[Metric], value: Value) -> list[Point]:
    values = ((metric.at, value(metric)) for metric in metrics)
    return [(at, figure) for at, figure in values if figure is not None]


def _percentages(name: str, points: Sequence[Point], now: datetime) -> Chart | None:
    return _chart(name, points, now=now, most=100, written=lambda figure: f"{figure:.0f} %")


def _load(points: Sequence[Point], now: datetime) -> Chart | None:
    most = max([LOWEST_LOAD, *(figure for _, figure in points)])
    return _chart(
        gettext("Load"), points, now=now, most=most, written=lambda figure: number_format(figure, 1)
    )


def _chart(
    name: str,
    points: Sequence[Point],
    *,
    now: datetime,
    most: float,
    written: Callable[[float], str],
) -> Chart | None:
    if not points:
        return None
    figures = [figure for _, figure in points]
    least, highest = written(min(figures)), written(max(figures))
    newest = written(figures[-1])
    words = gettext("{name} in the last 24 hours: between {least} and {highest}, {newest} last.")
    words = words.format(name=name, least=least, highest=highest, newest=newest)
    stretches = [_stretch(part, now=now, most=most) for part in _without_gaps(points)]
    return Chart(name, newest, words, stretches, written(most))


def _without_gaps(points: Sequence[Point]) -> Iterator[list[Point]]:
    part: list[Point] = []
    for point in points:
        if part and point[0] - part[-1][0] > GAP:
            yield part
            part = []
        part.append(point)
    yield part


def _stretch(points: Sequence[Point], *, now: datetime, most: float) -> Stretch:
    """A single sample is drawn as a short line."""
    places = [(_x(at, now), _y(figure, most)) for at, figure in points]
    if len(places) == 1:
        places.append((places[0][0] + 1, places[0][1]))
    line = " ".join(f"{x:g},{y:g}" for x, y in places)
    return Stretch(line, f"{places[0][0]:g},{HEIGHT} {line} {places[-1][0]:g},{HEIGHT}")


def _x(at: datetime, now: datetime) -> float:
    return round(WIDTH * (1 - (now - at) / KEPT), 1)


def _y(figure: float, most: float) -> float:
    return round(HEIGHT * (1 - min(figure / most, 1)), 1)
