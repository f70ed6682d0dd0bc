"""The project's own errors."""

from config.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable

APPS = ("config", "audit", "accounts", "nodes", "cluster")
KINDS = (DomainError, Invalid, Refused, Missing, Conflict, Unavailable)


def domain_errors(kind: type[DomainError] = DomainError) -> set[type[DomainError]]:
    """Every error below ``kind``."""
    below = set(kind.__subclasses__())
    return below.union(*(domain_errors(each) for each in below))


def own_errors() -> list[type[DomainError]]:
    """Those of the project that are raised, not only inherited from."""
    found = (
        error
        for error in domain_errors()
        if error not in KINDS and error.__module__.partition(".")[0] in APPS
    )
    return sorted(found, key=lambda error: (error.__module__, error.__name__))
