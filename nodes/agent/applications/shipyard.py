"""All that looks after this node's applications, put together."""

import time
from collections.abc import Callable
from pathlib import Path

from nodes.agent.applications.entries import Entries
from nodes.agent.applications.freight import Freight, Pieces
from nodes.agent.applications.installation import Installer
from nodes.agent.applications.keeper import Keeper
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.standing import Standings
from nodes.agent.applications.supervision import choose
from nodes.agent.applications.tool import System, Tool
from nodes.agent.applications.verbs import Applications, Surroundings


class Shipyard:
    """The verbs, the keeper, and what the next sync tells of both."""

    def __init__(
        self,
        state_dir: Path,
        *,
        surroundings: Surroundings,
        pieces: Pieces,
        on_change: Callable[[], None],
        tool: Tool | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        tool = tool or System()
        entries, podman = Entries(state_dir / "applications"), Podman(tool)
        supervision = choose(tool, podman, entries)
        self.standings = Standings(kept_by=supervision.kind, on_change=on_change)
        held = (entries, podman, supervision, self.standings)
        self.keeper = Keeper(*held)
        images = state_dir / "images"
        freight = Freight(images, pieces=pieces)
        installer = Installer(*held, images=images, freight=freight, sleep=sleep)
        self.applications = Applications(*held, installer, surroundings=surroundings)
