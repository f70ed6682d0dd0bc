"""What the cluster's pages have in common: access, refusals, live parts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.generic import TemplateView, View

from config.errors import DomainError


def page(view: "type[View[Any]]") -> Callable[..., HttpResponseBase]:
    """``view`` on the admin site: for those whom the access rule lets in, never cached."""
    serve: Callable[..., HttpResponseBase] = view.as_view()

    @wraps(serve)
    def answer(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        try:
            return serve(request, **captured)
        except DomainError as error:
            context = {"detail": error.detail}
            return render(request, "console/refused.html", context, status=error.status)

    return admin.site.admin_view(answer)


class LivePage(TemplateView):
    """A page with a part that asks for itself again: ``HX-Request`` gets only that part."""

    fragment_name: str

    def get_template_names(self) -> list[str]:
        is_fragment = getattr(self.request, "htmx", False)
        return ["console/fragment.html"] if is_fragment else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(live=True, fragment=self.fragment_name, **context)
