"""The console's frame: Django's admin site, with our own pages on it."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path

from accounts.access import may_enter
from accounts.views.login import LoginPage, LogoutPage
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
        """What the admin site must know by name; every other page has a route of its own."""
        return [
            path("", HomePage.as_view(), name="index"),
            path("login/", LoginPage.as_view(), name="login"),
            path("logout/", LogoutPage.as_view(), name="logout"),
        ]
