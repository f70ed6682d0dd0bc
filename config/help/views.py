"""The manual's pages: for everybody, on every node, as nothing in them is secret."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from config.help.manual import SLUGS, chapter, parts


@method_decorator(login_not_required, name="dispatch")
class HelpPage(TemplateView):
    """The table of contents."""

    template_name = "console/help.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(parts=parts(), **context)


@method_decorator(login_not_required, name="dispatch")
class ChapterPage(TemplateView):
    """One chapter, with its headings and its neighbours."""

    template_name = "console/help_chapter.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        slug = self.kwargs["slug"]
        if slug not in SLUGS:
            raise Http404(slug)
        place = SLUGS.index(slug)
        return super().get_context_data(
            document=chapter(slug).document,
            earlier=chapter(SLUGS[place - 1]) if place else None,
            later=chapter(SLUGS[place + 1]) if place + 1 < len(SLUGS) else None,
            **context,
        )
