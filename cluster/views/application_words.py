"""What an application uses, in words."""

from collections.abc import Callable, Mapping

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from cluster.templatetags.console import span


def figures(usage: Mapping[str, int]) -> list[tuple[str, str]]:
    """A name and a text each; nothing for what the node could not read."""
    written: dict[str, tuple[str, Callable[[int], str]]] = {
        "memory": (gettext("Memory"), filesizeformat),
        "cpu_ms": (gettext("Processor time since its start"), lambda ms: span(ms / 1000)),
        "disk": (gettext("Stored in volumes"), filesizeformat),
    }
    return [(name, write(usage[key])) for key, (name, write) in written.items() if key in usage]
