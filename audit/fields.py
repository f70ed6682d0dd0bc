"""Database fields of the audit trail."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from audit.canonical import canonical_json

if TYPE_CHECKING:
    JSONText = models.TextField[dict[str, Any], dict[str, Any]]
    BigInteger = models.BigIntegerField[int, int]
    Characters = models.CharField[str, str]
else:
    JSONText = models.TextField
    BigInteger = models.BigIntegerField
    Characters = models.CharField


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


class HexField(Characters):
    """Hexadecimal digits; PostgreSQL keeps them as bytes, which are half as long."""

    def db_type(self, connection: Any) -> str | None:
        return "bytea" if connection.vendor == "postgresql" else super().db_type(connection)

    def from_db_value(
        self, value: bytes | memoryview | str | None, expression: object, connection: object
    ) -> str | None:
        return value if value is None or isinstance(value, str) else bytes(value).hex()

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        is_digits = connection.vendor == "postgresql" and isinstance(value, str)
        return bytes.fromhex(value) if is_digits else value


class Digits(models.Func):
    """The text of a ``HexField``, to compare with one that is kept as text."""

    output_field = models.CharField()
    template = "%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="encode(%(expressions)s, 'hex')")
