"""What every request passes: the log, a word to caches, and where domain errors become pages."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django_structlog.middlewares import RequestMiddleware

from config.outages import refusal_of
from config.refusals import refusal_page


class RequestLogMiddleware(RequestMiddleware):
    """Logs requests with the peer's own address; ``X-Forwarded-For`` is anybody's word."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR"))


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages; what programs ask for, and what is streamed, costs no time.

    Against guesses by the length (BREACH) Django masks the CSRF token anew in each answer, and
    adds a random length; no page shows a secret beside what its address says.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class NothingKeptMiddleware:
    """Forbids every cache to keep an answer that does not say itself how long it may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class RefusalMiddleware:
    """Answers a domain error that a page did not show beside its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = refusal_of(error)
        return None if refused is None else refusal_page(request, refused)
