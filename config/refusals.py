"""A refusal as a page: what is not possible, why, and where to go instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.errors import DomainError
from config.help.links import explanation_of
from config.requests import came_from


def refusal_page(request: HttpRequest, refused: DomainError) -> HttpResponse:
    """The page of a domain error, in its code's own words where there are some.

    One that ends by itself leads back when it is time.
    """
    templates = [f"console/refused/{refused.code}.html", "console/refused.html"]
    context = {
        "detail": refused.shown,
        "retry_after": refused.retry_after,
        "explanation": explanation_of(refused.code),
        "back": came_from(request) or "/",
    }
    page = render(request, templates, context, status=refused.status)
    if refused.retry_after:
        page.headers["Retry-After"] = str(refused.retry_after)
    return page
