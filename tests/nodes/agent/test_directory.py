"""``probe_directory``: a directory that answers, one that refuses, and what is none."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from nodes.agent import ldap, sealing
from nodes.agent.directory import ProbeDirectory
from nodes.agent.ldap import BIND_ANSWER, ENTRY, OCTETS, SEARCH_DONE
from tests.nodes.agent.directory_server import (
    ASKED,
    BOUND,
    DONE,
    FOUND,
    IDENTITY,
    POSITION,
    Server,
    entry,
    look,
    message,
    result,
)


@pytest.fixture
def serve() -> Iterator[Any]:
    """Makes servers, and ends them."""
    made: list[Server] = []

    def make(*answers: bytes) -> Server:
        made.append(Server(*answers))
        return made[-1]

    yield make
    for server in made:
        server.close()


def test_directory_that_answers_says_how_far_it_is(serve: Any) -> None:
    server = serve(BOUND, FOUND)
    assert look(server.url) == {
        "url": server.url,
        "ok": True,
        "failed": "",
        "detail": "",
        "positions": [POSITION],
    }


def test_password_is_opened_here_and_sent_to_the_directory(serve: Any) -> None:
    server = serve(BOUND, FOUND)
    sealed = sealing.seal(b'{"password": "open sesame"}', recipients=[str(IDENTITY.to_public())])

    assert look(server.url, bind_dn="cn=reader,dc=org", sealed=sealed)["ok"] is True
    assert b"cn=reader,dc=org" in server.heard
    assert b"open sesame" in server.heard


def test_directory_that_does_not_say_how_far_it_is_is_reached(serve: Any) -> None:
    assert look(serve(BOUND, message(2, ENTRY, entry()) + DONE).url)["positions"] == []


@pytest.mark.parametrize(
    ("answers", "failed", "detail"),
    [
        ([message(1, BIND_ANSWER, result(49))], "bind", "password"),
        ([message(1, BIND_ANSWER, result(99))], "bind", "result 99"),
        ([BOUND, message(2, SEARCH_DONE, result(32))], "base", "no such entry"),
        ([message(7, BIND_ANSWER, result(0))], "bind", "no LDAP"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "bind", "no LDAP"),
        ([b"\x30\x84\x7f\xff\xff\xff"], "bind", "no LDAP"),
        ([b"\x30\x05\x02\x01\x01\x61\x7f"], "bind", "no LDAP"),
        ([b"\x30"], "bind", "closed"),
        ([BOUND, b""], "base", "closed"),
    ],
    ids=["password", "unknown", "base", "number", "web", "huge", "cut", "short", "silent"],
)
def test_directory_that_refuses_is_told_from_what_is_none(
    answers: list[bytes], failed: str, detail: str, serve: Any
) -> None:
    found = look(serve(*answers).url)
    assert (found["ok"], found["failed"]) == (False, failed)
    assert detail in found["detail"]


def test_nobody_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"ldap://127.0.0.1:{listener.getsockname()[1]}"
    found = look(url)
    assert (found["failed"], found["detail"]) == ("connect", "connection refused")


def test_directory_without_tls_is_none_for_ldaps(serve: Any) -> None:
    found = look(serve(BOUND).url.replace("ldap:", "ldaps:"))
    assert (found["ok"], found["failed"]) == (False, "tls")


@pytest.mark.parametrize(
    "changes",
    [
        {"urls": []},
        {"urls": "ldap://a.org"},
        {"urls": ["ldap://a.org"] * 6},
        {"urls": ["http://a.org"]},
        {"urls": ["ldap://"]},
        {"base": None},
        {"verify": "no"},
        {"bind_dn": "a\n"},
    ],
    ids=str,
)
def test_question_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    probe = ProbeDirectory(opens=lambda: str(IDENTITY))
    with pytest.raises(ValueError, match=r"."):
        probe({"urls": ["ldap://127.0.0.1:1"], **ASKED, **changes})


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 70_000])
def test_length_is_read_as_it_is_written(size: int) -> None:
    (item,) = ldap.decode(ldap.encode(OCTETS, b"x" * size))
    assert (item.tag, len(item.content)) == (OCTETS, size)
