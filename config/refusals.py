"""A refusal as a page: what is not possible, why, and where to go instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.errors import DomainError
from config.requests import came_from


def refusal_page(request: HttpRequest, refused: DomainError) -> HttpResponse:
    """The page of a domain error; one that ends by itself leads back when it is time."""
    context = {
        "code": refused.code,
        "detail": refused.detail,
        "retry_after": refused.retry_after,
        "back": came_from(request) or "/",
    }
    page = render(request, "console/refused.html", context, status=refused.status)
    if refused.retry_after:
        page.headers["Retry-After"] = str(refused.retry_after)
    return page
