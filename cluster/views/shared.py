"""Polled parts of pages that look alike to all who may do the same: made once for many."""

from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.views.generic import TemplateView

KEPT = "polled parts"


class SharedPart(TemplateView):
    """Answers a poll with what another reader was answered a moment ago.

    Whether somebody may see it was decided before, each time. Such a part has no form of its own
    and says nothing of its reader, but whether he may change something.
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request, "htmx", False):
            return super().get(request, *args, **kwargs)
        key, kept = _key(request), caches[KEPT]
        content = kept.get(key)
        if content is not None:
            return HttpResponse(content)
        made = cast("TemplateResponse", super().get(request, *args, **kwargs))
        made.add_post_render_callback(
            lambda part: kept.set(key, part.content, settings.POLLED_PARTS_KEPT_SECONDS)
        )
        return made


def _key(request: HttpRequest) -> str:
    """All that such a part depends on, besides the cluster."""
    reader: Any = request.user
    may = (reader.is_authenticated, getattr(reader, "is_superuser", False))
    return sha256(repr((request.get_full_path(), get_language(), *may)).encode()).hexdigest()
