"""The cluster's part of ``/api/v1/``."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from cluster.api.operations import OperationViewSet

router = SimpleRouter()
router.register("operations", OperationViewSet, basename="operation")

urlpatterns: list[URLPattern | URLResolver] = [*router.urls]
