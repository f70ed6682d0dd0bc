"""A download that is under way when whoever asked for it is logged out (S47)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import streams
from accounts.models import Administrator, ApiToken
from accounts.services import delete_administrator, reset_password
from accounts.services.administrators import change_administrator
from accounts.services.tokens import revoke_token
from accounts.streams import StreamCut
from audit.actor import Actor
from audit.export import service
from tests.accounts.factories import browser, make_administrator, named_client
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db
PATH = "/api/v1/audit/events/export/?format=jsonl"
ROOT = Actor.root()


def deactivate(bob: Administrator) -> None:
    change_administrator(bob, actor=ROOT, is_active=False)


ENDS: dict[str, Callable[[Administrator], object]] = {
    "deleted": lambda bob: delete_administrator(bob, actor=ROOT),
    "deactivated": deactivate,
    "reset": lambda bob: reset_password(bob, actor=ROOT),
}


@pytest.fixture
def bob(monkeypatch: pytest.MonkeyPatch) -> Administrator:
    """Somebody who exports events, one piece an event, each of which waits for a look."""
    monkeypatch.setattr(service, "CHUNK", 1)
    monkeypatch.setattr(streams, "LOOK_SECONDS", -1)
    make_administrator("ann")
    for number in range(3):
        make_event(details={"number": number})
    return make_administrator("bob")


def begin(client: Any) -> Iterator[bytes]:
    """A download of which the first piece has come."""
    pieces: Iterator[bytes] = iter(client.get(PATH).streaming_content)
    next(pieces)
    return pieces


@pytest.mark.parametrize("connect", [browser, named_client], ids=["session", "token"])
@pytest.mark.parametrize("end", ENDS)
def test_download_is_cut_off_when_its_owner_is(
    end: str, connect: Callable[[Administrator], Client], bob: Administrator
) -> None:
    pieces = begin(connect(bob))
    ENDS[end](bob)

    with pytest.raises(StreamCut):
        next(pieces)


def test_download_is_cut_off_when_its_token_is_revoked(bob: Administrator) -> None:
    pieces = begin(named_client(bob))
    revoke_token(ApiToken.objects.get(), actor=ROOT)

    with pytest.raises(StreamCut):
        next(pieces)


@pytest.mark.parametrize("connect", [browser, named_client], ids=["session", "token"])
def test_download_goes_on_while_nothing_has_ended(
    connect: Callable[[Administrator], Client], bob: Administrator
) -> None:
    pieces = begin(connect(bob))

    assert next(pieces)


def test_look_is_young_enough_for_what_is_promised() -> None:
    assert streams.LOOK_SECONDS < 5
