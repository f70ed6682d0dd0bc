"""Trying again without typing everything again."""

from uuid import UUID

from django.http import HttpRequest

from cluster.models import Operation


def earlier_answers(request: HttpRequest, kind: Operation.Kind) -> dict[str, object]:
    """What was asked for by the operation that ``?again=`` names; nothing if there is none."""
    try:
        wanted = UUID(request.GET.get("again", ""))
    except ValueError:
        return {}
    earlier = Operation.objects.filter(pk=wanted, kind=kind).first()
    return dict(earlier.parameters) if earlier else {}
