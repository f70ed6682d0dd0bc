"""The one parser of the API: JSON, strictly, and not endless."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from config import strict_json
from config.errors import Invalid

LARGEST_BODY = 1024 * 1024


class RequestTooLarge(Invalid):
    code = "request_too_large"
    status = 413
    message = "A request has at most {limit} bytes."


class StrictJSONParser(JSONParser):
    """Raises ParseError (400) or ``RequestTooLarge`` (413)."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            raise RequestTooLarge(limit=LARGEST_BODY)
        try:
            return strict_json.loads(raw)
        except ValueError as error:
            raise ParseError(f"This is no JSON that can be read: {error}.") from None
