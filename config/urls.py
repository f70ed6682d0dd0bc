"""Where everything is."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health, metrics
from config.jump.views import JumpPage
from config.styleguide.views import StyleguidePage

handler400 = "config.api.handlers.bad_request"
handler404 = "config.api.handlers.not_found"
handler500 = "config.api.handlers.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("agent/v1/", include("cluster.agent_api.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.MetricsView.as_view()),
    path("help/", include("config.help.urls")),
    path("search/", JumpPage.as_view(), name="jump"),
    path("", include("cluster.views.urls")),
    path("", include("accounts.views.urls")),
    path("", include("audit.views.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("audit.api.urls")),
    path("api/v1/", include("cluster.api.urls")),
    path("api/", include("config.api.docs")),
    path("", admin.site.urls),
]
if settings.SHOW_STYLEGUIDE:
    urlpatterns.append(path("styleguide/", StyleguidePage.as_view(), name="styleguide"))
