"""``Idempotency-Key``: sent twice, done once, answered the same."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Administrator
from cluster.models import Cluster, IdempotencyKey, JoinCode
from tests.accounts.factories import api_client, codes_of, make_administrator, make_auditor
from tests.cluster.factories import json_client
from tests.fakes import FakeAgent

CODES = "/api/v1/join-codes/"
PASSWORD_PATH = "/api/v1/account/password/"


@pytest.fixture
def administrator(cluster: Cluster) -> Administrator:
    return make_administrator()


@pytest.fixture
def api(administrator: Administrator) -> APIClient:
    return json_client(administrator)


def post(client: APIClient, body: Any = None, *, key: str = "k", path: str = CODES) -> Any:
    return client.post(path, body or {}, format="json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_repeated_request_is_done_once(api: APIClient) -> None:
    post(api)
    post(api)
    assert JoinCode.objects.count() == 1


@pytest.mark.django_db
def test_repeated_request_gets_the_same_answer(api: APIClient) -> None:
    first, second = post(api), post(api)
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.django_db
def test_address_of_an_operation_is_repeated_too(api: APIClient, local_agent: FakeAgent) -> None:
    Cluster.objects.all().delete()
    local_agent.leave(force=True)
    body = {"label": "Fleet", "vpn_network": "10.5.4.0/24", "endpoint": "node1.example.org:55820"}
    path = "/api/v1/cluster/create/"
    first, second = post(api, body, path=path), post(api, body, path=path)
    assert first.status_code == 202
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.django_db
def test_another_key_is_another_request(api: APIClient) -> None:
    post(api, key="one")
    post(api, key="two")
    assert JoinCode.objects.count() == 2


@pytest.mark.django_db
def test_without_a_key_every_request_is_new(api: APIClient) -> None:
    api.post(CODES, {})
    api.post(CODES, {})
    assert JoinCode.objects.count() == 2


@pytest.mark.django_db
def test_key_of_another_body_is_refused(api: APIClient) -> None:
    post(api, {"ttl_seconds": 60})
    answer = post(api, {"ttl_seconds": 61})
    assert (answer.status_code, codes_of(answer)) == (422, ["idempotency_key_reused"])


@pytest.mark.django_db
def test_key_of_another_path_is_refused(api: APIClient) -> None:
    post(api)
    answer = post(api, path="/api/v1/tokens/")
    assert codes_of(answer) == ["idempotency_key_reused"]


@pytest.mark.django_db
def test_same_key_of_two_administrators_has_two_answers(api: APIClient) -> None:
    bob = json_client(make_administrator("bob"))
    mine, his, his_again = post(api), post(bob), post(bob)
    assert his.json()["id"] != mine.json()["id"]
    assert his_again.json() == his.json()


@pytest.mark.django_db
def test_key_is_the_administrators_whatever_the_token(administrator: Administrator) -> None:
    clients = [api_client(administrator) for _ in range(2)]
    ids = {post(client).json()["id"] for client in clients}
    assert len(ids) == 1


@pytest.mark.django_db
def test_ended_token_gets_no_kept_answer(administrator: Administrator, api: APIClient) -> None:
    post(api)
    administrator.auth_token_set.all().delete()
    assert post(api).status_code == 401


@pytest.mark.django_db
def test_demoted_administrator_gets_no_kept_answer(
    administrator: Administrator, api: APIClient
) -> None:
    post(api)
    Administrator.objects.update(role=Administrator.Role.AUDITOR)
    assert post(api).status_code == 403


@pytest.mark.django_db
def test_refusal_is_not_kept(api: APIClient) -> None:
    assert post(api, {"ttl_seconds": -1}).status_code == 400
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_auditor_may_use_a_key_for_the_own_account(cluster: Cluster) -> None:
    answer = post(json_client(make_auditor()), key="", path=PASSWORD_PATH)
    assert codes_of(answer) == ["idempotency_key_invalid"]


@pytest.mark.django_db
def test_answer_is_not_readable_in_the_database(api: APIClient) -> None:
    code = post(api).json()["code"]
    kept = IdempotencyKey.objects.get()
    assert kept.answer
    assert code not in kept.answer


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_key_that_is_none_is_refused(api: APIClient, key: str) -> None:
    assert codes_of(post(api, key=key)) == ["idempotency_key_invalid"]


@pytest.mark.django_db
def test_request_that_is_still_running_is_not_repeated(
    api: APIClient, administrator: Administrator
) -> None:
    post(api)
    IdempotencyKey.objects.update(status=None, answer="")
    answer = post(api)
    assert (answer.status_code, codes_of(answer)) == (409, ["idempotency_in_progress"])
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.django_db
def test_request_whose_process_died_is_not_repeated(api: APIClient) -> None:
    post(api)
    long_ago = timezone.now() - timedelta(seconds=61)
    IdempotencyKey.objects.update(status=None, answer="", created_at=long_ago)
    assert codes_of(post(api)) == ["idempotency_outcome_unknown"]


@pytest.mark.django_db
def test_key_is_free_again_after_a_day(api: APIClient) -> None:
    post(api)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    post(api)
    assert JoinCode.objects.count() == 2


@pytest.mark.django_db
def test_reading_needs_no_key(api: APIClient) -> None:
    api.get(CODES, headers={"Idempotency-Key": "k"})
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_are_done_once(administrator: Administrator) -> None:
    racers = 6
    clients = [api_client(administrator) for _ in range(racers)]
    barrier = threading.Barrier(racers)
    statuses: list[int] = []

    def ask(client: APIClient) -> None:
        barrier.wait()
        statuses.append(post(client).status_code)
        connection.close()

    threads = [threading.Thread(target=ask, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert JoinCode.objects.count() == 1
