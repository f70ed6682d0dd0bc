"""``/api/v1/application-images/``: image archives that are sent for a node to install from."""

from functools import partial
from typing import Any

from django.http import UnreadablePostError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.applications.uploads import Upload, receiving
from cluster.errors.applications import ImageUploadInvalid
from cluster.services.image_uploads import keep_image

LENGTHLESS = "Say how long it is, by Content-Length."


class UploadSerializer(serializers.Serializer[Upload]):
    """``sha256`` is what an installation names as its ``upload``."""

    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    image = serializers.CharField()


class ImageUploadView(APIView):
    """Image archives."""

    @extend_schema(
        operation_id="application_images_create",
        request={"application/x-tar": OpenApiTypes.BINARY},
        responses={201: UploadSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the file of ``podman save`` as it is; it is kept until it is installed."""
        with receiving(partial(_read, request), size=_length(request)) as path:
            upload = keep_image(path, actor=actor_from(request))
        return Response(UploadSerializer(upload).data, status=status.HTTP_201_CREATED)


def _read(request: Any, size: int) -> bytes:
    """Nothing more from a caller who hung up."""
    try:
        return bytes(request.read(size))
    except UnreadablePostError:
        return b""


def _length(request: Request) -> int:
    told = str(request.META.get("CONTENT_LENGTH") or "")
    if not told.isdecimal() or not 0 < len(told) < 20:
        raise ImageUploadInvalid(field="file", problem=LENGTHLESS)
    return int(told)
