"""Figures are read from facts, and nonsense is left out."""

import pytest

from nodes.readings import Amount, read

NONSENSE: list[object] = [
    None,
    "3",
    True,
    -1,
    float("nan"),
    float("inf"),
    1e300,
    [],
    {},
    [1, "x", 2],
]


def test_figures_are_read() -> None:
    readings = read(
        {
            "cpus": 4,
            "cpu_percent": 31,
            "load": [1.2, 1.0, 0.8],
            "booted_at": 1_790_000_000,
            "memory": {"total_mib": 16_000, "used_percent": 50},
            "disks": [{"path": "/srv", "total_mib": 1_024_000, "used_percent": 94}],
        }
    )

    assert (readings.cpus, readings.cpu_percent, readings.load) == (4, 31, (1.2, 1.0, 0.8))
    assert readings.booted_at == 1_790_000_000
    assert readings.memory == Amount("", 50, 16_000)
    assert readings.disks == (Amount("/srv", 94, 1_024_000),)


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize("name", ["cpu_percent", "load", "booted_at", "memory", "disks"])
def test_nonsense_is_nothing(name: str, value: object) -> None:
    assert not getattr(read({name: value}), name)


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_disk_with_a_nonsensical_figure_is_left_out(value: object) -> None:
    good = {"path": "/", "total_mib": 10, "used_percent": 1}

    assert read({"disks": [good | {"used_percent": value}, good]}).disks == (Amount("/", 1, 10),)


def test_share_beyond_everything_is_everything() -> None:
    assert read({"cpu_percent": 250}).cpu_percent == 100


def test_there_is_one_processor_at_least() -> None:
    assert read({"cpus": 0}).cpus == 1
