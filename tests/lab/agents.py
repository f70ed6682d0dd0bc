"""What a host's agent could say, said by somebody else who has its key."""

from nodes.agent.keys import Keys
from nodes.agent.tokens import TokenIssuer
from tests.lab.client import Answer
from tests.lab.host import Host


def agent_token(host: Host, *, audience: str, issuer: int | None) -> str:
    """A token signed by the host's identity key, as its agent makes them."""
    key = Keys(host.state_dir / "node").identity
    return TokenIssuer().issue(key, issuer=str(issuer), audience=audience)


def sync(leader: Host, token: str) -> Answer:
    """A sync that reports nothing."""
    body: dict[str, object] = {
        "term": 1,
        "generation": 1,
        "applied_generation": 1,
        "facts": None,
        "facts_digest": "",
        "health": {},
        "inventory_digest": "",
        "results": [],
        "path": "public",
    }
    return leader.request("POST", "/agent/v1/sync", body, token=token)
