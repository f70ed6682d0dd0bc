"""The page."""

import re
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.views.generic import TemplateView

from config.styleguide import parts


class ExampleForm(forms.Form):
    """A field of each look; the first is refused."""

    label = forms.CharField(help_text="What people call the node.", max_length=4)
    kind = forms.ChoiceField(choices=[("", "Choose…"), ("sftp", "SFTP")])
    note = forms.CharField(widget=forms.Textarea, required=False)
    agree = forms.BooleanField(label="Verify the certificate", required=False)


class StyleguidePage(TemplateView):
    """Every component with every meaning, for whoever changes the stylesheet."""

    template_name = "console/styleguide.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            sections=parts.SECTIONS,
            meanings=parts.MEANINGS,
            banner_meanings=parts.MEANINGS[:5],
            toast_meanings=parts.TOASTS,
            steps=parts.STEPS,
            meters=parts.METERS,
            icons=icon_names(),
            form=ExampleForm({"label": "too long"}),
            **context,
        )


def icon_names() -> list[str]:
    """Those of the sprite."""
    sprite = Path(settings.BASE_DIR) / "config" / "static" / "console" / "icons.svg"
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8"))
