"""The console's pages."""

from django.urls import path

from cluster.views.application_settings import ApplicationSettingsPage
from cluster.views.applications import ApplicationsPage
from cluster.views.backup import (
    AddDestinationPage,
    BackupPage,
    BackupPasswordPage,
    BackupSchedulePage,
    DownloadBackup,
    RemoveDestinationPage,
    RunBackup,
)
from cluster.views.banners import Banners
from cluster.views.clean_start import CleanStartPage
from cluster.views.creation import CreatePage
from cluster.views.domains import (
    AddProviderPage,
    ChangePasswordPage,
    CreateDomainPage,
    DomainPage,
    DomainPasswordPage,
    DomainsPage,
    DomainStanding,
    RegisterDomainPage,
    RemoveDomainPage,
    RemoveProviderPage,
)
from cluster.views.follow_ups import FollowUpsPage, SettleFollowUp
from cluster.views.image_upload import ImageUploadPage
from cluster.views.installing import CataloguePage, InstallImagePage, InstallTemplatePage
from cluster.views.join_codes import AddNodePage, JoinCodePage, RevokeJoinCode
from cluster.views.joining import JoinPage
from cluster.views.leadership import FollowLeaderPage, ReassertPage
from cluster.views.log_forwarding import LogForwardingPage, StopLogForwarding
from cluster.views.log_settings import LogSettingsPage
from cluster.views.logs import LogsPage
from cluster.views.metrics import MetricsPart
from cluster.views.naming import NodeFqdnPage
from cluster.views.node_settings import NodeLabelPage, NodeSettingsPage
from cluster.views.nodes import NodePage, NodesPage
from cluster.views.one_application import (
    ApplicationLogs,
    ApplicationPage,
    ChangeApplicationPage,
    ChangeApplicationState,
    RemoveApplicationPage,
)
from cluster.views.operations import CancelOperation, OperationPage, OperationsPage, RetryOperation
from cluster.views.overview import OverviewPage
from cluster.views.page import page
from cluster.views.promotion import PreflightPart, PromotePage
from cluster.views.removal import RemovePage
from cluster.views.restore import RestorePage
from cluster.views.settings import ClusterSettingsPage
from cluster.views.welcome import WelcomePage

urlpatterns = [
    path("banners/", page(Banners), name="banners"),
    path("welcome/", page(WelcomePage), name="welcome"),
    path("create/", page(CreatePage), name="cluster_create"),
    path("join/", page(JoinPage), name="cluster_join"),
    path("overview/", page(OverviewPage), name="overview"),
    path("nodes/", page(NodesPage), name="nodes"),
    path("nodes/add/", page(AddNodePage), name="node_add"),
    path("nodes/<int:node_id>/", page(NodePage), name="node"),
    path("nodes/<int:node_id>/metrics/", page(MetricsPart), name="node_metrics"),
    path("nodes/<int:node_id>/label/", page(NodeLabelPage), name="node_label"),
    path("nodes/<int:node_id>/fqdn/", page(NodeFqdnPage), name="node_fqdn"),
    path("nodes/<int:node_id>/settings/", page(NodeSettingsPage), name="node_settings"),
    path("nodes/<int:node_id>/promote/", page(PromotePage), name="node_promote"),
    path("nodes/<int:node_id>/promote/checks/", page(PreflightPart), name="node_preflight"),
    path("nodes/<int:node_id>/remove/", page(RemovePage), name="node_remove"),
    path("applications/", page(ApplicationsPage), name="applications"),
    path("applications/install/", page(CataloguePage), name="application_catalogue"),
    path("applications/upload/", page(ImageUploadPage), name="application_upload"),
    path("applications/image/", page(InstallImagePage), name="application_install_image"),
    path(
        "applications/install/<slug:slug>/", page(InstallTemplatePage), name="application_install"
    ),
    path("applications/<int:node_id>/<slug:name>/", page(ApplicationPage), name="application"),
    path(
        "applications/<int:node_id>/<slug:name>/logs/",
        page(ApplicationLogs),
        name="application_logs",
    ),
    path(
        "applications/<int:node_id>/<slug:name>/state/",
        page(ChangeApplicationState),
        name="application_set_state",
    ),
    path(
        "applications/<int:node_id>/<slug:name>/change/",
        page(ChangeApplicationPage),
        name="application_change",
    ),
    path(
        "applications/<int:node_id>/<slug:name>/remove/",
        page(RemoveApplicationPage),
        name="application_remove",
    ),
    path("settings/applications/", page(ApplicationSettingsPage), name="application_settings"),
    path("domains/", page(DomainsPage), name="domains"),
    path("domains/create/", page(CreateDomainPage), name="domain_create"),
    path("domains/register/", page(RegisterDomainPage), name="domain_register"),
    path("domains/<str:name>/", page(DomainPage), name="domain"),
    path("domains/<str:name>/standing/", page(DomainStanding), name="domain_standing"),
    path("domains/<str:name>/password/", page(DomainPasswordPage), name="domain_password"),
    path(
        "domains/<str:name>/password/change/",
        page(ChangePasswordPage),
        name="domain_password_change",
    ),
    path("domains/<str:name>/remove/", page(RemoveDomainPage), name="domain_remove"),
    path("domains/<str:name>/providers/add/", page(AddProviderPage), name="provider_add"),
    path(
        "domains/<str:name>/providers/<int:node_id>/remove/",
        page(RemoveProviderPage),
        name="provider_remove",
    ),
    path("join-codes/<uuid:code_id>/", page(JoinCodePage), name="join_code"),
    path("join-codes/<uuid:code_id>/revoke/", page(RevokeJoinCode), name="join_code_revoke"),
    path("operations/", page(OperationsPage), name="operations"),
    path("operations/<uuid:operation_id>/", page(OperationPage), name="operation"),
    path("operations/<uuid:operation_id>/cancel/", page(CancelOperation), name="operation_cancel"),
    path("operations/<uuid:operation_id>/retry/", page(RetryOperation), name="operation_retry"),
    path("logs/", page(LogsPage), name="logs"),
    path("settings/logs/", page(LogSettingsPage), name="log_settings"),
    path("settings/log-forwarding/", page(LogForwardingPage), name="log_forwarding"),
    path("settings/log-forwarding/stop/", page(StopLogForwarding), name="log_forwarding_stop"),
    path("follow-ups/", page(FollowUpsPage), name="follow_ups"),
    path("follow-ups/<int:follow_up_id>/settle/", page(SettleFollowUp), name="follow_up_settle"),
    path("clean-start/", page(CleanStartPage), name="clean_start"),
    path("follow-leader/", page(FollowLeaderPage), name="follow_leader"),
    path("reassert-leader/", page(ReassertPage), name="reassert_leader"),
    path("restore/", page(RestorePage), name="cluster_restore"),
    path("settings/backup/", page(BackupPage), name="backup"),
    path("settings/backup/password/", page(BackupPasswordPage), name="backup_password"),
    path("settings/backup/schedule/", page(BackupSchedulePage), name="backup_schedule"),
    path("settings/backup/run/", page(RunBackup), name="backup_run"),
    path("settings/backup/file/", page(DownloadBackup), name="backup_file"),
    path(
        "settings/backup/destinations/add/<str:kind>/",
        page(AddDestinationPage),
        name="backup_destination_add",
    ),
    path(
        "settings/backup/destinations/<uuid:destination_id>/remove/",
        page(RemoveDestinationPage),
        name="backup_destination_remove",
    ),
    path("settings/cluster/", page(ClusterSettingsPage), name="cluster_settings"),
]
