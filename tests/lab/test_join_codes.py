"""Join codes that do not join: distinct words on the worker, one answer to strangers (S12)."""

import base64
import dataclasses
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cluster import codes
from tests.lab import membership, rows, strangers
from tests.lab.host import Host, expect

pytestmark = pytest.mark.lab


def refusal(host: Host, code: str) -> str:
    """The code of the refusal, whether it comes at once or when the leader was asked."""
    answer = expect(host.api("POST", "cluster/join/", {"code": code}), 202, 400)
    if answer.status == 400:
        return str(answer.body["errors"][0]["code"])
    return str(membership.outcome(host, answer.body["operation"])["error"]["code"])


def flip_a_bit(code: str) -> str:
    """The code with one letter of its payload altered."""
    middle = len(code) // 2
    return code[:middle] + ("A" if code[middle] != "A" else "B") + code[middle + 1 :]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "blank"),
        ("hello", "join_code_malformed"),
        ("FLT1.", "join_code_truncated"),
        ("FLT1.!!!!", "join_code_corrupted"),
    ],
)
def test_what_is_no_code_is_told_apart(newcomer: Host, text: str, expected: str) -> None:
    assert refusal(newcomer, text) == expected


def test_a_truncated_code_is_told_apart(leader: Host, newcomer: Host) -> None:
    assert refusal(newcomer, membership.join_code(leader)[:-20]) == "join_code_truncated"


def test_a_flipped_bit_is_told_apart(leader: Host, newcomer: Host) -> None:
    assert refusal(newcomer, flip_a_bit(membership.join_code(leader))) == "join_code_corrupted"


def test_an_expired_code_is_told_apart_before_anybody_is_asked(
    leader: Host, newcomer: Host
) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    old = dataclasses.replace(codes.decode(membership.join_code(leader)), expires=past)
    assert refusal(newcomer, codes.encode(old)) == "join_code_expired"


def test_a_code_that_the_leader_knows_to_be_expired_is_told_apart(
    leader: Host, newcomer: Host
) -> None:
    """The worker's clock, or the text of the code, says that it is still good."""
    code = membership.join_code(leader)
    rows.expire_join_code(leader, code_id=codes.decode(code).id)
    assert refusal(newcomer, code) == "join_code_expired"


def test_a_revoked_code_is_told_apart(leader: Host, newcomer: Host) -> None:
    code = membership.join_code(leader)
    expect(leader.api("DELETE", f"join-codes/{codes.decode(code).id}/"), 200, 204)
    assert refusal(newcomer, code) == "join_code_revoked"


def test_a_code_used_by_another_key_is_told_apart(
    leader: Host, newcomer: Host, new_name: str
) -> None:
    code = membership.join_code(leader)
    with strangers.enrolled(leader, code=code, fqdn=new_name):
        assert refusal(newcomer, code) == "join_code_used"


def test_no_refusal_leaves_anything_behind(leader: Host, newcomer: Host) -> None:
    before = membership.nodes(leader)
    refusal(newcomer, flip_a_bit(membership.join_code(leader)))
    assert newcomer.role == "uninitialised"
    assert [node["id"] for node in membership.nodes(leader)] == [node["id"] for node in before]


def test_strangers_get_one_answer_whatever_the_code_is(leader: Host, new_name: str) -> None:
    """Who does not know the secret learns nothing about codes: unknown, live, expired, revoked."""
    live, expired, revoked = (codes.decode(membership.join_code(leader)) for _ in range(3))
    rows.expire_join_code(leader, code_id=expired.id)
    expect(leader.api("DELETE", f"join-codes/{revoked.id}/"), 200, 204)
    unknown = dataclasses.replace(live, id=str(uuid.uuid4()))
    guess = base64.urlsafe_b64encode(bytes(16)).rstrip(b"=").decode()
    answers = [
        strangers.Stranger(fqdn=new_name).enrol(leader, dataclasses.replace(code, secret=guess))
        for code in (live, expired, revoked, unknown)
    ]
    assert {answer.status for answer in answers} == {401}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert json.loads(answers[0].text)["code"] == "cluster_auth_error"
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
