"""The pages of the audit trail."""

from django.urls import path

from audit.views.trail import TrailPage, VerifyTrail

urlpatterns = [
    path("audit/", TrailPage.as_view(), name="audit"),
    path("audit/verification/", VerifyTrail.as_view(), name="audit_verification"),
]
