"""What every page knows: where it is, what can be reached from here, and what needs attention."""

from django.http import HttpRequest

from config.shell import Shell


def console(request: HttpRequest) -> dict[str, object]:
    """Template context of the console; nothing is computed before a template asks for it."""
    return {"console": Shell(request)}
