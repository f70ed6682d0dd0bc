"""What a database of an earlier version holds is not lost when the tables change."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0002_policy_proofs_and_failures", "0006_passkey_counter"


def migrate(name: str) -> Any:
    """The tables of accounts as that migration leaves them; returns its models."""
    executor = MigrationExecutor(connection)
    target = [("accounts", name)]
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """The models of when recovery codes belonged to authenticators."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("accounts")[0][1]
    yield migrate(BEFORE)
    migrate(newest)


def test_recovery_codes_and_wrong_codes_become_their_owners(before: Any) -> None:
    now = timezone.now()
    people, authenticators, codes = (
        before.get_model("accounts", name).objects
        for name in ("Administrator", "Authenticator", "RecoveryCode")
    )
    for name, failures in (("ann", 3), ("bob", 0)):
        person = people.create(username=name, allowed_networks=[])
        owned = authenticators.create(
            user=person, name="default", encrypted_key="x", failures=failures, failed_at=now
        )
        codes.create(authenticator=owned, digest=f"digest of {name}")
    people.create(username="eve", allowed_networks=[])

    after = migrate(AFTER).get_model("accounts", "Administrator").objects

    assert list(after.order_by("username").values_list("username", "recovery_codes__digest")) == [
        ("ann", "digest of ann"),
        ("bob", "digest of bob"),
        ("eve", None),
    ]
    counted = after.order_by("username").values_list("wrong_codes", "wrong_code_at")
    assert list(counted) == [(3, now), (0, None), (0, None)]
    after.all().delete()
