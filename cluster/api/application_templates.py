"""``/api/v1/application-templates/``: the catalogue."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.applications.catalogue import Template, find_template, list_templates


class TemplateSerializer(serializers.Serializer[Template]):
    """``schema`` is a JSON schema of the parameters; ``secrets`` are entered beside them."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    website = serializers.CharField()
    notes = serializers.CharField()
    schema = serializers.DictField()
    secrets = serializers.ListField(child=serializers.CharField())


class TemplateListView(APIView):
    """What can be installed without knowing its image."""

    @extend_schema(
        operation_id="application_templates_list", responses=TemplateSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """All templates, by title."""
        each = [TemplateSerializer(template).data for template in list_templates()]
        return Response(each)


class TemplateView(APIView):
    """One template."""

    @extend_schema(operation_id="application_template", responses=TemplateSerializer)
    def get(self, request: Request, **captured: Any) -> Response:
        """What has to be entered for it."""
        return Response(TemplateSerializer(find_template(captured["slug"])).data)
