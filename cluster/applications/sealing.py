"""Secrets on their way: only the node that they are for can open them."""

import json
from collections.abc import Mapping

from nodes.agent import sealing
from nodes.models import Node


def seal(secrets: Mapping[str, str], *, node: Node) -> str:
    """Empty where there is nothing to seal."""
    if not secrets:
        return ""
    plain = json.dumps(dict(secrets)).encode()
    return sealing.seal(plain, recipients=[node.sealing_key])
