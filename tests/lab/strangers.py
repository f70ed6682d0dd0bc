"""Machines without a host: real keys and real requests to the leader, nothing behind them."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cluster import codes
from cluster.codes import JoinCodeText
from config.version import VERSION
from nodes.agent.keys import Keys
from nodes.agent.tokens import NEW_NODE, TokenIssuer
from tests.lab import membership
from tests.lab.client import Answer
from tests.lab.host import Host, expect


@dataclass
class Stranger:
    """A machine that may enrol; what it signs is really signed."""

    fqdn: str
    issuer: TokenIssuer = field(default_factory=TokenIssuer)

    @cached_property
    def keys(self) -> Keys:
        """Its own three keys; the private halves stay in memory only."""
        with tempfile.TemporaryDirectory() as directory:
            keys = Keys(Path(directory))
            assert keys.public
            return keys

    def token(self, *, audience: str, issuer: str = NEW_NODE) -> str:
        """A token as the agent would make it."""
        return self.issuer.issue(self.keys.identity, issuer=issuer, audience=audience)

    def enrol(self, leader: Host, code: JoinCodeText) -> Answer:
        """Ask the leader to take this machine in."""
        public = self.keys.public
        asked = {
            "code": {"id": code.id, "secret": code.secret},
            "token": self.token(audience=code.cluster),
            "fqdn": self.fqdn,
            "identity_key": public.identity_key,
            "wireguard_key": public.wireguard_key,
            "sealing_key": public.sealing_key,
            "endpoint": f"{self.fqdn}:55820",
            "console_url": f"https://{self.fqdn}:8443",
            "tls_fingerprint": "0" * 64,
            "version": VERSION,
            "distribution": "Debian GNU/Linux 12 (bookworm)",
            "networks": [],
            "tls_verified": True,
        }
        return leader.request("POST", "/agent/v1/enrol", asked)


@contextlib.contextmanager
def enrolled(leader: Host, *, code: str, fqdn: str) -> Iterator[Answer]:
    """A machine that enrolled and is never heard of again; its join is cancelled afterwards."""
    answer = expect(Stranger(fqdn=fqdn).enrol(leader, codes.decode(code)), 201)
    try:
        yield answer
    finally:
        cancel(leader, answer.body["operation"])


def cancel(leader: Host, operation: str) -> None:
    """Cancel a join on the leader, and wait until it is undone."""
    expect(leader.api("POST", f"operations/{operation}/cancel/"), 200, 202)
    membership.outcome(leader, {"id": operation})
