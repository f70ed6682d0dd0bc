"""What podman does not say counts as nothing: neither that a thing is there, nor that it is not."""

from collections.abc import Callable
from typing import Any

import pytest

from nodes.agent.applications.errors import EngineFailed
from nodes.agent.applications.podman import Podman
from tests.nodes.agent.applications.engine import FakePodman


class Mute(FakePodman):
    """A podman whose storage is locked by another one: it answers no question."""

    def run(self, *arguments: str, **options: Any) -> str:
        if {"ps", "exists", "ls"} & set(arguments):
            raise EngineFailed(problem="podman: database is locked")
        return super().run(*arguments, **options)


@pytest.mark.parametrize(
    "do",
    [
        pytest.param(lambda podman: podman.remove("web"), id="remove"),
        pytest.param(lambda podman: podman.stop("web"), id="stop"),
    ],
)
def test_container_is_not_taken_for_gone_because_podman_fails(do: Callable[[Podman], None]) -> None:
    """It would run on, and the console would say that it was removed."""
    engine = Mute(containers={"web": {"State": "running", "Pid": 0, "Labels": {}}})

    with pytest.raises(EngineFailed):
        do(Podman(engine))

    assert "web" in engine.containers


def test_volume_is_not_taken_for_new_because_podman_fails() -> None:
    """A new one goes when the installation fails, with all that it holds."""
    engine = Mute(volumes={"flotilla-web.data"})

    with pytest.raises(EngineFailed):
        Podman(engine).has_volume("flotilla-web.data")
