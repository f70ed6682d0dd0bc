"""The pages of the audit trail."""

from django.urls import path

from audit.views.archives import ArchiveNow, ImportedPage, RetentionPage
from audit.views.forwarding import ForwardingPage, StopForwarding
from audit.views.trail import TrailPage
from audit.views.verification import AcknowledgeContradictions, VerificationPage

urlpatterns = [
    path("audit/", TrailPage.as_view(), name="audit"),
    path("audit/archives/<int:archive_id>/", ImportedPage.as_view(), name="audit_imported"),
    path("settings/audit/retention/", RetentionPage.as_view(), name="audit_retention"),
    path("settings/audit/retention/archive/", ArchiveNow.as_view(), name="audit_archive_now"),
    path("settings/audit/forwarding/", ForwardingPage.as_view(), name="audit_forwarding"),
    path("settings/audit/forwarding/stop/", StopForwarding.as_view(), name="audit_forwarding_stop"),
    path("audit/verification/", VerificationPage.as_view(), name="audit_verification"),
    path(
        "audit/verification/acknowledge/",
        AcknowledgeContradictions.as_view(),
        name="audit_acknowledge",
    ),
]
