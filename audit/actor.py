"""Who acts, from where and by which way in: passed to every service that changes something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _


class ActorKind(StrEnum):
    ADMINISTRATOR = "administrator"
    ROOT = "root"
    NODE = "node"
    SYSTEM = "system"
    STRANGER = "stranger"


class Verified(StrEnum):
    """How it was made sure that the actor is who it says."""

    NOT = ""
    PASSWORD = _("password")  # the name of a proof
    PASSWORD_AND_CODE = _("password and code")  # the same
    PASSWORD_AND_PASSKEY = _("password and passkey")  # the same
    TOKEN = _("token")  # the same
    ROOT_SHELL = _("root shell")
    NODE_KEY = _("node key")


class Interface(StrEnum):
    """The way in."""

    CONSOLE = _("console")
    API = _("api")
    COMMAND = _("command")
    AGENT = _("agent")
    SYSTEM = _("system")


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change, as the audit trail will name it."""

    name: str
    kind: ActorKind
    interface: Interface
    source: str | None = None
    request_id: str = ""
    user_agent: str = field(default="", repr=False)
    verified: Verified = Verified.NOT

    def is_self(self, username: str) -> bool:
        """Whether the administrator ``username`` is the one who acts."""
        return self.kind == ActorKind.ADMINISTRATOR and self.name == username

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Actor":
        """The one that ``asdict`` has written down."""
        kinds = {"kind": ActorKind(stored["kind"]), "interface": Interface(stored["interface"])}
        return cls(**{**stored, **kinds})

    @classmethod
    def system(cls) -> "Actor":
        """The product itself: sweeps, housekeeping, operations carried forward."""
        return cls(name="system", kind=ActorKind.SYSTEM, interface=Interface.SYSTEM)

    @classmethod
    def root(cls) -> "Actor":
        """Root at this machine's shell, and who became root, where sudo tells."""
        invoked_by = settings.FLOTILLA.INVOKING_USER
        return cls(
            name=f"root@{settings.FLOTILLA.FQDN}",
            kind=ActorKind.ROOT,
            interface=Interface.COMMAND,
            user_agent=f"sudo by {invoked_by}" if invoked_by else "",
            verified=Verified.ROOT_SHELL,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What was acted on: a kind, an id that does not change, and the label people know it by."""

    kind: str
    id: str
    label: str
    node: int | None = None
