"""The admin site of this project, in the place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django's admin with ``ClusterAdminSite`` as its default site."""

    default_site = "config.admin.ClusterAdminSite"
