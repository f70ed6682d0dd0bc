"""Forms of the backup's pages."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cluster.backup.destinations import Field
from cluster.views.backup_words import LABELS
from cluster.views.fields import MONO

LARGEST_SETTING = 1_000_000


class PasswordForm(forms.Form):
    """Twice, because nobody sees it."""

    password = forms.CharField(
        strip=False,
        max_length=1_000,
        label=_("Backup password"),
        help_text=_(
            "At least 12 characters. Whoever has it and a backup can read all of it; "
            "whoever has lost it can read nothing."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        strip=False,
        max_length=1_000,
        label=_("The same once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(gettext("The two differ."), code="passwords_differ")
        return again


class ScheduleForm(forms.Form):
    """When, and how much is kept."""

    daily_at = forms.TimeField(
        required=False,
        label=_("Every day at (UTC)"),
        help_text=_(
            "Empty: only when somebody asks for it. A time at which the leader was off is "
            "made up for."
        ),
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    keep_last = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_SETTING,
        label=_("Keep the last"),
        help_text=_("So many backups, however old, on the leader and at each destination."),
    )
    keep_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_SETTING,
        label=_("Keep for days"),
        help_text=_("Beside those, all that are younger than so many days."),
    )
    with_audit = forms.BooleanField(
        required=False,
        label=_("Include the audit trail"),
        help_text=_("As a sealed export. It makes backups much larger, and slower."),
    )


def destination_form(fields: Mapping[str, Field]) -> type[forms.Form]:
    """A form with the settings of one kind."""
    made = {name: _input(name, field) for name, field in fields.items()}
    return type("DestinationForm", (forms.Form,), made)


def _input(name: str, field: Field) -> forms.CharField:
    label, hint = LABELS[name]
    return forms.CharField(
        label=gettext(label),
        help_text=gettext(hint) if hint else "",
        required=field.is_required,
        initial=field.default,
        strip=not field.is_secret,
        max_length=20_000,
        widget=_widget(name, field),
    )


def _widget(name: str, field: Field) -> forms.Widget:
    if name == "private_key":
        return forms.Textarea(attrs=MONO | {"rows": 4})
    if field.is_secret:
        return forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.TextInput(attrs=MONO)
