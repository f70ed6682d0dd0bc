"""One way to ask the logs, for page, API and command."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.form_fields import MomentField
from cluster.logs.question import Question
from cluster.logs.record import SEVERITIES

LONGEST = 256
NOT_ASKED = frozenset({"cursor", "limit", "format"})


class LogFilter(forms.Form):
    """Everything that is given must fit."""

    node = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10**9 - 1,
        label=_("Node"),
        help_text=_("Number of a node."),
    )
    application = forms.CharField(
        required=False, label=_("Application"), max_length=LONGEST, help_text=_("Its name.")
    )
    unit = forms.CharField(
        required=False,
        label=_("Unit"),
        max_length=LONGEST,
        help_text=_("A systemd unit, such as ssh.service."),
    )
    program = forms.CharField(
        required=False, label=_("Program"), max_length=LONGEST, help_text=_("Such as sshd.")
    )
    severity = forms.ChoiceField(
        required=False,
        label=_("Severity"),
        choices=[(name, name) for name in SEVERITIES],
        help_text=_("This one and what is more severe."),
    )
    since = MomentField(
        required=False, label=_("Since"), help_text=_("When the leader received it.")
    )
    until = MomentField(
        required=False, label=_("Until"), ends_day=True, help_text=_("Before this moment.")
    )
    q = forms.CharField(
        required=False,
        max_length=LONGEST,
        strip=False,
        label=_("Text"),
        help_text=_("Text in the message, in upper or lower case."),
    )

    @property
    def question(self) -> Question:
        """What was asked; the form must be valid."""
        return Question(**self.cleaned_data)
