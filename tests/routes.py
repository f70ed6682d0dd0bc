"""Every route of the project, with a path that leads to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

EXAMPLES = {
    "int": "1",
    "str": "somebody",
    "uuid": "0b5c64c1-6d2f-4d0b-9d4c-111111111111",
    "slug": "something",
}
METHODS = ("get", "post", "put", "patch", "delete")
CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
GROUP = re.compile(r"\(\?P<\w+>[^)]*\)")


@dataclass(frozen=True)
class Route:
    """One line of some ``urlpatterns``."""

    pattern: str
    view: Any

    @property
    def path(self) -> str:
        """A path that it matches."""
        path = GROUP.sub("1", self.pattern).replace("^", "").replace("$", "")
        return "/" + CONVERTER.sub(lambda match: EXAMPLES[match[1] or "str"], path)

    @property
    def is_own_account(self) -> bool:
        """Whether those who otherwise only read may use it."""
        view = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)
        return bool(getattr(view, "is_own_account", False))


def all_routes() -> list[Route]:
    """Each pattern once, as the first that matches it answers."""
    found = {route.pattern: route for route in reversed(list(_walk(get_resolver())))}
    return sorted(found.values(), key=lambda route: route.pattern)


def _walk(resolver: Any, prefix: str = "") -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        elif isinstance(entry, URLPattern):
            yield Route(pattern, entry.callback)
