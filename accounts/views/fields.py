"""Form fields that several pages use."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NetworksField(forms.CharField):
    """Networks in CIDR notation, one a line; the service says which are none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Allowed networks"))
        widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})
        super().__init__(required=False, max_length=2000, widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value) or "").replace(",", " ").split()

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value
