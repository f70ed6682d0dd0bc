"""The typed confirmation of what cannot be taken back (S20, S35)."""

from typing import Any

from django import forms
from django.utils.translation import gettext

from cluster.views.fields import MONO


class ConfirmedForm(forms.Form):
    """Has one more field at its end: its button is active when ``expected`` is typed there."""

    confirmation = forms.CharField(
        widget=forms.TextInput(attrs=MONO),
    )

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields([*(name for name in self.fields if name != "confirmation")])
        confirmation = self.fields["confirmation"]
        confirmation.label = gettext("Type %(expected)s to confirm") % {"expected": expected}
        confirmation.widget.attrs["data-confirm"] = expected
