"""The one access rule."""

from rest_framework.permissions import IsAuthenticated


class HasAccess(IsAuthenticated):
    """Default permission of the API."""
