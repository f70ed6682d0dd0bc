"""``administrators/``: the people who manage the cluster (S42 to S47)."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.actors import actor_from
from accounts.api import serializers
from accounts.models import Administrator
from accounts.models.administrator import AdministratorQuerySet
from accounts.services import (
    change_administrator,
    create_administrator,
    delete_administrator,
    reset_password,
)
from accounts.services.people import everybody, find_administrator
from config.api.pagination import CursorPages


class AdministratorPages(CursorPages):
    ordering = "username"


class AdministratorViewSet(mixins.ListModelMixin, GenericViewSet[Administrator]):
    """Administrators."""

    serializer_class = serializers.AdministratorSerializer
    asks_for_proof = ("POST", "PATCH", "DELETE")
    pagination_class = AdministratorPages
    lookup_field = "username"
    lookup_value_converter = "str"

    def get_queryset(self) -> AdministratorQuerySet:
        return everybody()

    def get_object(self) -> Administrator:
        return find_administrator(self.kwargs["username"])

    def retrieve(self, request: Request, username: str) -> Response:
        """One administrator."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=serializers.NewAdministratorSerializer,
        responses={201: serializers.CreatedAdministratorSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make an account; its one-time password is shown this once (S45)."""
        given = serializers.NewAdministratorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made, password = create_administrator(actor=actor_from(request), **given.validated_data)
        answer = self.get_serializer(find_administrator(made.username)).data
        return Response({**answer, "one_time_password": password}, status.HTTP_201_CREATED)

    @extend_schema(
        request=serializers.ChangedAdministratorSerializer,
        responses={200: serializers.AdministratorSerializer},
    )
    def partial_update(self, request: Request, username: str) -> Response:
        """Change an account; a new role or state ends its sessions and tokens."""
        given = serializers.ChangedAdministratorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change_administrator(self.get_object(), actor=actor_from(request), **given.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, username: str) -> Response:
        """Delete an account; its sessions and tokens end at once (S47)."""
        delete_administrator(self.get_object(), actor=actor_from(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="administrators_reset_password",
        request=None,
        responses={200: serializers.OneTimePasswordSerializer},
    )
    @action(detail=True, methods=["post"])
    def password(self, request: Request, username: str) -> Response:
        """Give a one-time password; ends the person's sessions and tokens."""
        password = reset_password(self.get_object(), actor=actor_from(request))
        return Response({"one_time_password": password})
