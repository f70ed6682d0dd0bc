"""What the cluster's pages have in common: the admin site's guard, and live parts."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponseBase
from django.views.generic import TemplateView, View


def page(view: "type[View[Any]]") -> Callable[..., HttpResponseBase]:
    """``view`` on the admin site: for those whom the access rule lets in, never cached."""
    return admin.site.admin_view(view.as_view())


class LivePage(TemplateView):
    """A page with a part that asks for itself again: ``HX-Request`` gets only that part."""

    fragment_name: str

    def get_template_names(self) -> list[str]:
        is_fragment = getattr(self.request, "htmx", False)
        return ["console/fragment.html"] if is_fragment else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(live=True, fragment=self.fragment_name, **context)
