"""Pages of the trail: they go on where the search had come to, and say how far that is."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Protocol

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from audit.search.find import Findings, find
from audit.search.question import Question
from config.api.pagination import CursorPages, UnknownCursor

LARGEST = 2**63 - 1


class Finder(Protocol):
    """Looks through the trail, or through an archive."""

    def __call__(self, question: Question, *, limit: int, before: int | None) -> Findings: ...


class EventPages(CursorPages):
    """Newest first; ``searched_back_to`` is set while older events were not looked at yet."""

    findings: Findings
    request: Request

    def paginate(
        self, question: Question, request: Request, *, finder: Finder | None = None
    ) -> Findings:
        """One page of the trail, or of what ``finder`` looks through; raises ``UnknownCursor``, or
        ValidationError for what is no number of rows.
        """
        self.request = request
        limit = self.get_page_size(request)
        before = _decode(request.query_params.get(self.cursor_query_param))
        self.findings = (finder or find)(question, limit=limit, before=before)
        return self.findings

    def get_paginated_response(self, data: Any) -> Response:
        before = self.findings.before
        address = self.request.build_absolute_uri()
        following = before and replace_query_param(
            address, self.cursor_query_param, _encode(before)
        )
        return Response(
            {
                "next": following,
                "previous": None,
                "searched_back_to": self.findings.searched_back_to,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["properties"]["previous"] = {"type": "string", "nullable": True}
        described["properties"]["searched_back_to"] = {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "description": "Set while older events were not looked at yet; `next` goes on there.",
        }
        return described


def _encode(before: int) -> str:
    return urlsafe_b64encode(str(before).encode()).decode()


def _decode(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        before = int(urlsafe_b64decode(cursor.encode()).decode("ascii"))
    except (binascii.Error, ValueError):
        before = 0
    if not 0 < before <= LARGEST:
        raise UnknownCursor()
    return before
