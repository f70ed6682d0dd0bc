"""The console's frame: Django's admin site, with our own pages on it."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path

from accounts.access import may_enter
from cluster.views.home import HomePage


class ClusterAdminSite(AdminSite):
    """The cluster's console: one access rule, one way to log in, no page of Django's own.

    Pages are wrapped by ``admin_view``, which asks ``has_permission`` and forbids caching.
    """

    site_title = "Flotilla"
    site_header = "Flotilla"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The start page and the way to log in; every other page has a route of its own."""
        return [
            path("", HomePage.as_view(), name="index"),
            path("login/", self.login, name="login"),
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Everybody logs in at one place, where the second factor is asked for."""
        return redirect("two_factor:login")
