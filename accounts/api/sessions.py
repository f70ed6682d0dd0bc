"""``account/sessions/``: where one is logged in."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.models import Session
from accounts.services.credentials import Credential
from accounts.services.people import me
from accounts.services.sessions import end_other_sessions, end_session, list_sessions
from config.api.pagination import CursorPages


class SessionSerializer(serializers.ModelSerializer[Session]):
    id = serializers.CharField(source="public_id", read_only=True)
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ("id", "source", "user_agent", "opened_at", "seen_at", "is_current")
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        """Whether this request came by it."""
        return bool(session.session_key == Credential.of(self.context["request"]).session_key)


class SessionPages(CursorPages):
    ordering = "-opened_at"


class SessionsView(ListAPIView[Session]):
    """One's own browser sessions, the newest first."""

    is_own_account = True
    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    pagination_class = SessionPages

    def get_queryset(self) -> QuerySet[Session]:
        return list_sessions(me(self.request))

    @extend_schema(operation_id="account_sessions_end_others", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all but the one that this request came by."""
        end_other_sessions(
            me(request), actor=actor_from(request), keep=Credential.of(request).session_key
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    """One of one's own browser sessions."""

    is_own_account = True

    @extend_schema(operation_id="account_sessions_end", responses={204: None})
    def delete(self, request: Request, session_id: str) -> Response:
        """End it at once."""
        end_session(me(request), actor=actor_from(request), session_id=session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
