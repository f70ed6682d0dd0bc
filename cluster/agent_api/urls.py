"""``/agent/v1/``."""

from django.urls import path

from cluster.agent_api import images, takeover, views

urlpatterns = [
    path("audit_export", takeover.audit_export_view, name="agent_audit_export"),
    path("leadership", views.leadership_view, name="agent_leadership"),
    path("image", images.image_view, name="agent_image"),
    path("enrol", views.enrol_view, name="agent_enrol"),
    path("farewell", views.farewell_view, name="agent_farewell"),
    path("lead", takeover.lead_view, name="agent_lead"),
    path("prepare", takeover.prepare_view, name="agent_prepare"),
    path("sync", views.sync_view, name="agent_sync"),
]
