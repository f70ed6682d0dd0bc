"""An image archive that the leader holds ready is fetched, checked, loaded and gone again."""

import shutil
from typing import Any

import pytest

from nodes.agent.applications.errors import (
    ApplicationError,
    DiskShort,
    ImageNotFetched,
    ImageNotFound,
    Superseded,
    Unhealthy,
)
from tests.nodes.agent.applications.conftest import Yard
from tests.nodes.agent.applications.engine import SITE

ARCHIVE = b"an archive of an image"
NAME = "localhost/site:2"


@pytest.fixture
def sent(yard: Yard) -> dict[str, Any]:
    """What the leader says of the archive, which podman will know."""
    yard.leader.archive = ARCHIVE
    parcel = yard.leader.parcel
    yard.podman.archives[f"{parcel['sha256']}.part"] = "localhost/built:1"
    return parcel


def left(yard: Yard) -> list[str]:
    """Archives on the node's disk."""
    return [path.name for path in (yard.directory / "images").glob("*")]


def test_archive_is_fetched_piece_by_piece_and_runs_under_the_name_it_was_given(
    yard: Yard, sent: dict[str, Any]
) -> None:
    yard.install(image=NAME, parcel=sent)

    assert "number-of-localhost/built:1" in yard.podman.started("web")
    assert ("podman", "tag", "localhost/built:1", NAME) in yard.podman.calls
    assert left(yard) == []


def test_how_far_it_is_is_told(yard: Yard, sent: dict[str, Any]) -> None:
    told: list[str] = []
    yard.leader.before_piece = lambda number: told.append(yard.standing["web"]["doing"])
    yard.install(image=NAME, parcel=sent)
    assert told[0] == "Fetching the image from the leader: 0 % of 1 MB."
    assert told[3] == "Fetching the image from the leader: 50 % of 1 MB."


def test_change_goes_back_to_what_ran_though_the_new_image_took_its_name(
    yard: Yard, sent: dict[str, Any]
) -> None:
    yard.install(image=NAME, parcel=sent)
    yard.podman.archives[f"{sent['sha256']}.part"] = "localhost/broken:1"
    yard.podman.crashing.add("number-of-localhost/broken:1")

    with pytest.raises(Unhealthy):
        yard.install(image=NAME, parcel=sent)

    assert "number-of-localhost/built:1" in yard.podman.started("web")


def give_less(yard: Yard) -> None:
    yard.leader.archive = ARCHIVE[:-1]


def give_other(yard: Yard) -> None:
    yard.leader.archive = ARCHIVE[::-1]


def give_more(yard: Yard) -> None:
    yard.leader.archive, yard.leader.piece = ARCHIVE + b"!", 100


def lose_the_leader(yard: Yard) -> None:
    def fail(number: int) -> None:
        if number:
            raise ImageNotFetched(problem="cut")

    yard.leader.before_piece = fail


def cancel(yard: Yard) -> None:
    yard.is_hurried = True


def send_rubbish(yard: Yard) -> None:
    yard.podman.archives = dict.fromkeys(yard.podman.archives, "")


@pytest.mark.parametrize(
    ("happens", "error"),
    [
        (give_less, ImageNotFetched),
        (give_other, ImageNotFetched),
        (give_more, ImageNotFetched),
        (lose_the_leader, ImageNotFetched),
        (cancel, Superseded),
        (send_rubbish, ImageNotFound),
    ],
    ids=lambda value: value.__name__,
)
def test_archive_that_does_not_arrive_whole_leaves_nothing(
    yard: Yard, sent: dict[str, Any], happens: Any, error: type[ApplicationError]
) -> None:
    happens(yard)
    with pytest.raises(error):
        yard.install(image=NAME, parcel=sent)
    assert (left(yard), yard.entries.all(), yard.podman.containers) == ([], [], {})


def test_archive_for_which_there_is_no_room_is_not_even_begun(
    yard: Yard, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = type(shutil.disk_usage("/"))(100, 50, 3 * len(ARCHIVE) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    asked: list[int] = []
    yard.leader.before_piece = asked.append
    with pytest.raises(DiskShort):
        yard.install(image=NAME, parcel=sent)
    assert (asked, left(yard)) == ([], [])


def test_what_a_killed_agent_had_fetched_is_removed_at_its_next_start(yard: Yard) -> None:
    images = yard.directory / "images"
    images.mkdir()
    for name in ("abc.part", "site.tar"):
        (images / name).write_text("half")
    yard.boot()
    assert left(yard) == ["site.tar"]


@pytest.mark.parametrize(
    "parcel",
    [{"sha256": "x", "size": 1}, {"sha256": "a" * 64, "size": 0}, {"size": 1}, [1]],
    ids=str,
)
def test_parcel_that_makes_no_sense_is_refused(yard: Yard, parcel: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        yard.install(image=SITE, parcel=parcel)
