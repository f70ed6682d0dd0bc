"""Pieces of files that the leader holds ready for this node."""

from dataclasses import replace

from nodes.agent.applications.errors import ImageNotFetched
from nodes.agent.membership import Membership
from nodes.agent.sync.client import Client, NoAnswer
from nodes.agent.sync.routes import Route, Routes

PATH = "/agent/v1/image"
SECONDS = 60.0
"""For one piece: over a slow line, too."""


class LeaderPieces:
    """Asks the leader, through the VPN where it is up, as the sync does."""

    def __init__(self, membership: Membership, routes: Routes) -> None:
        self._membership = membership
        self._routes = routes
        self._client = Client()

    def __call__(self, sha256: str, *, number: int) -> bytes:
        """One of its pieces, from 0; raises ImageNotFetched."""
        problem = "There is no way to the leader."
        for route in self._routes.now(self._membership.holding):
            try:
                return self._ask(route, sha256, number)
            except NoAnswer as error:
                problem = str(error)
        raise ImageNotFetched(problem=problem)

    def _ask(self, route: Route, sha256: str, number: int) -> bytes:
        token = self._membership.token(audience=self._membership.record.cluster or "")
        patient = replace(route, answer_seconds=SECONDS)
        wanted = {"sha256": sha256, "number": number}
        return self._client.fetch(patient, PATH, wanted, token=token)
