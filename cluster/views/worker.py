"""What a worker shows, and a machine that was removed: that it is one, and what to do about it."""

from typing import Any

from accounts.access import may_enter
from cluster.views.local_status import agent_status
from cluster.views.page import LivePage
from nodes.role import current


class WorkerPage(LivePage):
    """Says what this node is; how its VPN does only to those who may enter (S5).

    With ``next`` a page of the old leader came along before this node knew that it leads.
    """

    template_name = "cluster/worker.html"
    fragment_name = "cluster/worker_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        identity = current()
        trusted = may_enter(self.request)
        status = agent_status() if trusted else None
        is_awaited = "next" in self.request.GET
        return super().get_context_data(
            identity=identity, trusted=trusted, status=status, is_awaited=is_awaited, **context
        )
