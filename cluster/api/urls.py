"""``/api/v1/``: the cluster, its nodes and what runs on them, operations and what they leave."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from cluster.api.application_policy import ApplicationPolicyView
from cluster.api.application_templates import TemplateListView, TemplateView
from cluster.api.applications import ApplicationViewSet
from cluster.api.backup import (
    BackupDestinationsView,
    BackupDestinationView,
    BackupFileView,
    BackupPasswordView,
    BackupView,
)
from cluster.api.clean_start import CleanStartView
from cluster.api.cluster import ClusterView, CreateView, JoinView
from cluster.api.domains import (
    DomainListView,
    DomainPasswordView,
    DomainStandingView,
    DomainView,
    ProviderListView,
    ProviderView,
)
from cluster.api.follow_ups import FollowUpViewSet
from cluster.api.images import ImageUploadView
from cluster.api.join_codes import JoinCodeViewSet
from cluster.api.leadership import FollowView, ReassertView
from cluster.api.log_forwarding import LogForwardingTestView, LogForwardingView
from cluster.api.logs import LogFileView, LogsView
from cluster.api.nodes import NodeViewSet
from cluster.api.operations import OperationViewSet
from cluster.api.promotion import PromotionView
from cluster.api.removal import RemovalView

router = SimpleRouter()
router.register("applications", ApplicationViewSet, basename="application")
router.register("follow-ups", FollowUpViewSet, basename="follow-up")
router.register("join-codes", JoinCodeViewSet, basename="join-code")
router.register("nodes", NodeViewSet, basename="node")
router.register("operations", OperationViewSet, basename="operation")

urlpatterns = [
    path("application-policy/", ApplicationPolicyView.as_view(), name="application-policy"),
    path("application-images/", ImageUploadView.as_view(), name="application-images"),
    path("application-templates/", TemplateListView.as_view(), name="application-templates"),
    path("application-templates/<slug:slug>/", TemplateView.as_view(), name="application-template"),
    path("logs/", LogsView.as_view(), name="api_logs"),
    path("logs/export/", LogFileView.as_view(), name="api_logs_export"),
    path("logs/forwarding/", LogForwardingView.as_view(), name="api_logs_forwarding"),
    path("logs/forwarding/test/", LogForwardingTestView.as_view(), name="api_logs_forwarding_test"),
    path("cluster/", ClusterView.as_view(), name="cluster"),
    path("cluster/create/", CreateView.as_view(), name="cluster-create"),
    path("cluster/join/", JoinView.as_view(), name="cluster-join"),
    path("cluster/backup/", BackupView.as_view(), name="cluster-backup"),
    path("cluster/backup/password/", BackupPasswordView.as_view(), name="backup-password"),
    path("cluster/backup/file/", BackupFileView.as_view(), name="backup-file"),
    path(
        "cluster/backup/destinations/",
        BackupDestinationsView.as_view(),
        name="backup-destinations",
    ),
    path(
        "cluster/backup/destinations/<uuid:destination_id>/",
        BackupDestinationView.as_view(),
        name="backup-destination",
    ),
    path("cluster/clean-start/", CleanStartView.as_view(), name="cluster-clean-start"),
    path("cluster/follow/", FollowView.as_view(), name="cluster-follow"),
    path("cluster/reassert/", ReassertView.as_view(), name="cluster-reassert"),
    path("nodes/<int:node_id>/removal/", RemovalView.as_view(), name="node-removal"),
    path("nodes/<int:number>/promotion/", PromotionView.as_view(), name="node-promotion"),
    path("domains/", DomainListView.as_view(), name="domain-list"),
    path("domains/<str:name>/", DomainView.as_view(), name="domain-detail"),
    path("domains/<str:name>/password/", DomainPasswordView.as_view(), name="domain-password"),
    path("domains/<str:name>/standing/", DomainStandingView.as_view(), name="domain-standing"),
    path("domains/<str:name>/providers/", ProviderListView.as_view(), name="domain-providers"),
    path(
        "domains/<str:name>/providers/<int:node_id>/",
        ProviderView.as_view(),
        name="domain-provider",
    ),
    *router.urls,
]
