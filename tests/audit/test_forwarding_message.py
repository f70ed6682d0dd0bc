"""An event as RFC 5424 has it."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit.forwarding.message import LARGEST, NAME, format_event, format_test, frame
from audit.models import AuditEvent, Outcome
from tests.audit.factories import make_event, person
from tests.audit.syslog_receivers import Message, parse, unframe

pytestmark = pytest.mark.django_db


def formatted(**values: Any) -> tuple[AuditEvent, Message]:
    event = make_event(**values)
    return event, parse(format_event(event))


def test_header_says_when_where_and_what() -> None:
    """RFC 5424 6.2."""
    event, message = formatted()

    moment = event.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (message.time, message.kind) == (moment, "node.changed")
    assert message.host
    assert message.name == NAME


@pytest.mark.parametrize(
    ("outcome", "severity"), [(Outcome.OK, 6), (Outcome.DENIED, 4), (Outcome.FAILED, 3)]
)
def test_severity_goes_by_the_outcome(outcome: Outcome, severity: int) -> None:
    assert formatted(outcome=outcome)[1].priority == 13 * 8 + severity


def test_every_field_of_the_event_is_in_the_structured_data() -> None:
    operation = UUID("0b5c64c1-6d2f-4d0b-9d4c-111111111111")
    actor = person("ann", request_id="r1", user_agent="curl")
    details = {"before": {"label": "a"}, "after": {"label": "b"}}

    event, message = formatted(actor=actor, operation=operation, details=details)

    assert json.loads(message.values.pop("details")) == details
    assert message.values == {
        "id": str(event.pk),
        "term": "1",
        "action": "node.changed",
        "user": "ann",
        "user_kind": "administrator",
        "outcome": "ok",
        "target_kind": "node",
        "target_id": "3",
        "target": "node3.example.org",
        "node": "3",
        "source": "192.0.2.7",
        "user_agent": "curl",
        "interface": "api",
        "request_id": "r1",
        "operation": str(operation),
        "hash": event.hash,
    }


def test_text_is_the_sentence() -> None:
    _, message = formatted(outcome=Outcome.DENIED)

    assert message.text == "ann changed a node: node3.example.org (denied)"


@pytest.mark.parametrize("text", ['"', "]", "\\", '\\"]', "é😀", "[a b=c]", "%s", "5 <14>1"])
def test_what_people_type_stays_what_it_is(text: str) -> None:
    """RFC 5424 6.3.3."""
    _, message = formatted(actor=person(f"a{text}b"), details={"typed": text})

    assert message.values["user"] == f"a{text}b"
    assert json.loads(message.values["details"]) == {"typed": text}


@pytest.mark.parametrize("code", [0x0A, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0x2028])
def test_control_characters_reach_no_log(code: int) -> None:
    text = f"a{chr(code)}b"
    event = make_event(actor=person(text), details={"typed": text, text: "name"})

    assert chr(code) not in format_event(event).decode()


def test_long_details_are_cut_and_it_is_said() -> None:
    event = make_event(details={"long": '"é\\' * 3000})

    data = format_event(event)

    assert LARGEST - 8 <= len(data) <= LARGEST
    assert parse(data).values["details_cut"] == "true"


def test_longest_of_everything_fits() -> None:
    actor = person("😀" * 150, user_agent="😀" * 256, request_id="😀" * 64)

    data = format_event(make_event(actor=actor, details={"long": "\\" * 9000}))

    assert len(data) <= LARGEST
    assert parse(data).values["user"] == "😀" * 150


def test_frame_holds_any_text() -> None:
    """RFC 6587 3.4.1: the length is in bytes."""
    messages = [format_test(user=user, at=timezone.now()) for user in ("é", "5 <14>1", "\n")]

    assert list(unframe(b"".join(map(frame, messages)))) == messages
