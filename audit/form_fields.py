"""What a filter of the trail may be given; anything else is an error of that field."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django import forms
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

MANY = 64
"""How many users or actions one question may name."""
LONGEST_NAME = 150
ONE_DAY = timedelta(days=1) - timedelta(microseconds=1)


class NamesField(forms.MultipleChoiceField):
    """Several names; any text is one, for somebody may ask about a name that never was."""

    def validate(self, value: list[str]) -> None:
        if len(value) > MANY:
            raise forms.ValidationError(
                _("Name at most %(number)d.") % {"number": MANY}, code="too_many"
            )
        if any(len(name) > LONGEST_NAME or "\x00" in name for name in value):
            raise forms.ValidationError(_("This is not a name."), code="invalid")


class SomeField(forms.MultipleChoiceField):
    """Several of the choices, and not each of them a thousand times."""

    def validate(self, value: list[str]) -> None:
        if len(set(value)) < len(value):
            raise forms.ValidationError(_("Name each once."), code="too_many")
        super().validate(value)


class MomentField(forms.Field):
    """A time (ISO 8601, UTC unless it says otherwise) or a day; ``ends_day`` takes its end."""

    def __init__(self, *, ends_day: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.ends_day = ends_day

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return _parse(text, ends_day=self.ends_day)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                _("Give a time such as 2026-11-22T10:00:00Z, or a day such as 2026-11-22."),
                code="invalid",
            ) from None


class AddressField(forms.Field):
    """An IP address, in whichever way it is written."""

    def to_python(self, value: Any) -> str | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return str(ip_address(text))
        except ValueError:
            raise forms.ValidationError(_("This is not an IP address."), code="invalid") from None


def _parse(text: str, *, ends_day: bool) -> datetime:
    day = parse_date(text)
    if day is not None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight + ONE_DAY if ends_day else midnight
    moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
    if moment is None:
        raise ValueError(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
