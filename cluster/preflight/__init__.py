"""Whether a node would be a good leader, as every other node sees it (S24, S25, S36, S37).

``ask`` sends a question to each node that is heard, ``read`` judges the answers. Workflow steps
use these two; ``cluster.services.preflight`` adds waiting for requests.
"""

from cluster.preflight.asking import PATIENCE, ask, conclude, read
from cluster.preflight.checks import Check, Kind, Preflight

__all__ = ["PATIENCE", "Check", "Kind", "Preflight", "ask", "conclude", "read"]
