"""One way to ask the logs, for page, API and command."""

from django import forms

from audit.form_fields import MomentField
from cluster.logs.question import Question
from cluster.logs.record import SEVERITIES

LONGEST = 256
NOT_ASKED = frozenset({"cursor", "limit", "format"})


class LogFilter(forms.Form):
    """Everything that is given must fit."""

    node = forms.IntegerField(
        required=False, min_value=0, max_value=10**9 - 1, help_text="Number of a node."
    )
    application = forms.CharField(required=False, max_length=LONGEST, help_text="Its name.")
    unit = forms.CharField(
        required=False, max_length=LONGEST, help_text="A systemd unit, such as ssh.service."
    )
    program = forms.CharField(required=False, max_length=LONGEST, help_text="Such as sshd.")
    severity = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SEVERITIES],
        help_text="This one and what is more severe.",
    )
    since = MomentField(required=False, help_text="When the leader received it.")
    until = MomentField(required=False, ends_day=True, help_text="Before this moment.")
    q = forms.CharField(
        required=False,
        max_length=LONGEST,
        strip=False,
        label="Text",
        help_text="Text in the message, in upper or lower case.",
    )

    @property
    def question(self) -> Question:
        """What was asked; the form must be valid."""
        return Question(**self.cleaned_data)
