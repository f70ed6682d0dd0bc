"""Errors have one shape, whoever raises them, and wherever."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.exceptions import error_response
from config.errors import Conflict, DomainError, Invalid, Unavailable
from tests.node_files import node_file

__all__ = ["node_file"]


class LabelTaken(Conflict):
    code = "label_taken"
    message = "{label} is taken."


class LabelEmpty(Invalid):
    code = "label_empty"
    message = "Give a label."


class Asleep(Unavailable):
    code = "asleep"
    message = "Nobody is awake."


ERRORS: dict[str, DomainError] = {
    "conflict": LabelTaken(label="Fleet", field="label"),
    "field": LabelEmpty(field="label"),
    "form": LabelEmpty(),
    "asleep": Asleep(),
}


class Raising(APIView):
    """Raises what its path names."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    def get(self, request: Request, name: str) -> Response:
        raise ERRORS[name]


def break_down(request: HttpRequest) -> HttpResponse:
    raise KeyError("a mistake of ours")


urlpatterns = [
    path("api/v1/raise/<name>/", Raising.as_view()),
    path("api/v1/broken/", break_down),
    path("broken/", break_down),
    path("", include("config.urls")),
]
handler400 = "config.api.handlers.bad_request"
handler404 = "config.api.handlers.not_found"
handler500 = "config.api.handlers.server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def visitor(node_file: Path) -> Client:
    """Somebody who asks the leader."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("name", "status", "kind", "code", "attr"),
    [
        ("conflict", 409, "client_error", "label_taken", "label"),
        ("field", 400, "validation_error", "label_empty", "label"),
        ("form", 400, "client_error", "label_empty", None),
        ("asleep", 503, "server_error", "asleep", None),
    ],
)
def test_domain_error_has_the_shape_of_all_errors(
    visitor: Client, name: str, status: int, kind: str, code: str, attr: str | None
) -> None:
    answer = visitor.get(f"/api/v1/raise/{name}/")
    detail = ERRORS[name].detail
    assert answer.status_code == status
    assert answer.json() == {
        "type": kind,
        "errors": [{"code": code, "detail": detail, "attr": attr}],
    }


@pytest.mark.parametrize("name", ERRORS)
def test_refusal_outside_of_a_view_looks_the_same(visitor: Client, name: str) -> None:
    inside, outside = visitor.get(f"/api/v1/raise/{name}/"), error_response(ERRORS[name])
    assert inside.json() == json.loads(outside.content)
    assert inside.headers.get("Retry-After") == outside.headers.get("Retry-After")


def test_unavailability_says_when_to_try_again(visitor: Client) -> None:
    assert visitor.get("/api/v1/raise/asleep/").headers["Retry-After"] == "5"


def error_of(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["type"], body["errors"][0]["code"]


def test_unknown_path_of_the_api_is_json(visitor: Client) -> None:
    assert error_of(visitor.get("/api/v1/nothing/")) == (404, "client_error", "not_found")


def test_unknown_path_of_the_agent_api_is_its_own_json(visitor: Client) -> None:
    answer = visitor.get("/agent/v1/nothing", REMOTE_ADDR="192.0.2.7")
    assert answer.json().keys() == {"code", "detail"}


def test_unknown_page_is_a_page(visitor: Client) -> None:
    answer = visitor.get("/nothing/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        404,
        "text/html; charset=utf-8",
    )


def test_wrong_method_is_json(visitor: Client) -> None:
    answer = visitor.delete("/api/v1/raise/form/")
    assert error_of(answer) == (405, "client_error", "method_not_allowed")


def test_mistake_of_ours_is_json_without_particulars(visitor: Client) -> None:
    answer = visitor.get("/api/v1/broken/")
    assert error_of(answer) == (500, "server_error", "error")
    assert b"mistake" not in answer.content


def test_mistake_of_ours_in_a_page_is_a_page(visitor: Client) -> None:
    answer = visitor.get("/broken/")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_malformed_request_is_json(visitor: Client) -> None:
    answer = visitor.get("/api/v1/broken/", HTTP_HOST="no host")
    assert error_of(answer) == (400, "client_error", "parse_error")
