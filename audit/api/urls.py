"""Routes below ``/api/v1/`` of the audit trail."""

from django.urls import path

from audit.api.archives import ArchivedEventsView, ArchivesView, RetentionView
from audit.api.events import ActionsView, EventsView
from audit.api.export import ExportView
from audit.api.forwarding import ForwardingTestView, ForwardingView
from audit.api.verification import VerificationView

urlpatterns = [
    path("audit/archives/", ArchivesView.as_view(), name="api_audit_archives"),
    path(
        "audit/archives/<int:archive_id>/events/",
        ArchivedEventsView.as_view(),
        name="api_audit_archived_events",
    ),
    path("audit/retention/", RetentionView.as_view(), name="api_audit_retention"),
    path("audit/events/", EventsView.as_view(), name="api_audit_events"),
    path("audit/events/export/", ExportView.as_view(), name="api_audit_export"),
    path("audit/actions/", ActionsView.as_view(), name="api_audit_actions"),
    path("audit/forwarding/", ForwardingView.as_view(), name="api_audit_forwarding"),
    path("audit/forwarding/test/", ForwardingTestView.as_view(), name="api_audit_forwarding_test"),
    path("audit/verification/", VerificationView.as_view(), name="api_audit_verification"),
]
