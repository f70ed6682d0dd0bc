"""The jump box's answers: a list below the box, or a page of its own without JavaScript."""

from typing import Any

from django.views.generic import TemplateView

from config.jump.find import LONGEST, find
from config.jump.places import places
from config.shell import Shell


class JumpPage(TemplateView):
    """``/search/?q=``: what has these words in its name."""

    template_name = "console/search.html"

    def get_template_names(self) -> list[str]:
        is_part = getattr(self.request, "htmx", False)
        return ["console/search_found.html"] if is_part else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:LONGEST]
        found = find(text, places(Shell(self.request)))
        return super().get_context_data(text=text, found=found, **context)
