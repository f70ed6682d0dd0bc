"""What a join goes on in spite of, and people shall know: said on both sides (S8, S10, S13)."""

from dataclasses import asdict, dataclass

CLOCK_TOLERANCE = 60
"""Seconds; tokens of agents are corrected by the leader's clock, people's eyes are not."""


@dataclass(frozen=True, slots=True)
class JoinWarning:
    """A code for programs and a sentence for people."""

    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def sentences(warnings: list[dict[str, str]]) -> str:
    """All warnings, one after the other, as an operation's step shows them."""
    return " ".join(warning["detail"] for warning in warnings)


def of_clocks(*, leader: float, node: float) -> list[JoinWarning]:
    """The two clocks differ (seconds since 1970)."""
    seconds = round(abs(leader - node))
    if seconds <= CLOCK_TOLERANCE:
        return []
    detail = f"The clocks of the leader and the new node differ by {seconds} seconds. Set them."
    return [JoinWarning("clock_skew", detail)]


def of_distributions(*, leader: str, node: str) -> list[JoinWarning]:
    """The two machines run different Linux distributions (S8)."""
    if not leader or not node or leader == node:
        return []
    detail = f"The leader runs {leader}, the new node {node}. Both should run the same."
    return [JoinWarning("distribution_differs", detail)]


def of_validation(*, tls_verified: bool) -> list[JoinWarning]:
    """The new node did not check the leader's certificate (S13)."""
    if tls_verified:
        return []
    detail = "The new node joined without validating the leader's certificate."
    return [JoinWarning("tls_not_verified", detail)]


def of_name(fqdn: str, *, resolves: bool) -> list[JoinWarning]:
    """The new node's name leads nowhere, seen from the leader (S10)."""
    if resolves:
        return []
    detail = f"The leader cannot resolve {fqdn}. Add the name to the DNS or to /etc/hosts."
    return [JoinWarning("name_not_resolvable", detail)]


def of_path(*, is_vpn: bool) -> list[JoinWarning]:
    """The node was heard, but not through the VPN."""
    if is_vpn:
        return []
    detail = "The node reaches the leader by its public address only: the VPN is off."
    return [JoinWarning("vpn_off", detail)]
