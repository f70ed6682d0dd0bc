"""The pages of the audit trail."""

from django.urls import path

from audit.views.forwarding import ForwardingPage, StopForwarding
from audit.views.trail import TrailPage, VerifyTrail

urlpatterns = [
    path("audit/", TrailPage.as_view(), name="audit"),
    path("settings/audit/forwarding/", ForwardingPage.as_view(), name="audit_forwarding"),
    path(
        "settings/audit/forwarding/stop/", StopForwarding.as_view(), name="audit_forwarding_stop"
    ),
    path("audit/verification/", VerifyTrail.as_view(), name="audit_verification"),
]
