"""Database fields of the audit trail."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from audit.canonical import canonical_json

if TYPE_CHECKING:
    JSONText = models.TextField[dict[str, Any], dict[str, Any]]
    BigInteger = models.BigIntegerField[int, int]
else:
    JSONText = models.TextField
    BigInteger = models.BigIntegerField


class RowNumberField(BigInteger):
    """A primary key that SQLite keeps as its own row number: no second index to look it up by."""

    def db_type(self, connection: Any) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class CanonicalJSONField(JSONText):
    """A JSON object kept as its canonical text, which every engine returns as it was hashed."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else canonical_json(value)
