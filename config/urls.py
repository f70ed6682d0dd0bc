"""Where everything is."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("cluster.views.urls")),
    path("", include("accounts.views.urls")),
    path("", include("audit.views.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("audit.api.urls")),
    path("api/v1/", include("cluster.api.urls")),
    path("agent/v1/", include("cluster.agent_api.urls")),
    path("", admin.site.urls),
]
