"""Domain errors become pages here, once; the API has its own edge."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.errors import DomainError


class RefusalMiddleware:
    """Answers a domain error that a page did not show beside its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        context = {"detail": error.detail}
        return render(request, "console/refused.html", context, status=error.status)
