"""The console: Django's admin site, ours."""

from django.contrib.admin import AdminSite


class ClusterAdminSite(AdminSite):
    """The cluster's console."""

    site_title = "Flotilla"
    site_header = "Flotilla"
