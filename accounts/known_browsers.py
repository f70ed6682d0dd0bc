"""Browsers that somebody logged in from before: crowds of strangers do not push them aside (S48).

The cookie gives a place in line and nothing else: password and code are asked for as ever.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

COOKIE = "__Host-flotilla-known"
LIFETIME = timedelta(days=90)


def remember(response: HttpResponse, *, username: str) -> None:
    """Let the browser say next time that this person logged in from it."""
    response.set_signed_cookie(
        COOKIE, username, max_age=LIFETIME, secure=True, httponly=True, samesite="Strict"
    )


def is_known(request: HttpRequest, *, username: str) -> bool:
    """Whether this person logged in from that browser, by our own signature."""
    said = request.get_signed_cookie(COOKIE, default="", max_age=LIFETIME)
    return bool(said) and said == username
