"""In which language somebody is answered: pages in his own, programs in English."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

PROGRAMS = ("/api/", "/agent/", "/healthz", "/readyz", "/metrics")
"""What is read by programs below these is a contract, whatever the header says."""


def language_of(request: HttpRequest) -> str:
    """What the administrator chose in his account, else what the browser asks for."""
    if request.path.startswith(PROGRAMS):
        return settings.LANGUAGE_CODE
    chosen: str = getattr(request.user, "language", "")
    return chosen or translation.get_language_from_request(request)


class LanguageMiddleware:
    """Speaks the language of whoever asks, until the answer is made.

    What an answer streams afterwards is data, and English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if not request.path.startswith(PROGRAMS):
            patch_vary_headers(response, ("Accept-Language",))
        return response
