"""Joining a cluster in the browser: what a machine says of codes and names itself (S12)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from audit.models import AuditEvent
from cluster import codes
from cluster.models import Operation
from tests.cluster.factories import unknown_id
from tests.cluster.views.conftest import LEADER
from tests.cluster.views.forms import errors
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def write_code(*, expires_in: timedelta = timedelta(hours=1)) -> str:
    return codes.encode(
        codes.JoinCodeText(
            urls=(str(LEADER["console_url"]),),
            tls_fingerprint=str(LEADER["tls_fingerprint"]),
            cluster=unknown_id(),
            id=unknown_id(),
            secret="s" * 22,
            expires=datetime.now(UTC) + expires_in,
        )
    )


def values(**changes: str) -> dict[str, str]:
    """What the browser sends: an unticked box is not sent at all."""
    given = {"code": write_code(), "fqdn": "node2.example.org", "tls_verify": "on"} | changes
    return {name: value for name, value in given.items() if value != "unticked"}


def test_form_knows_the_machines_name_and_validates_the_certificate(
    browser: Client, local_agent: FakeAgent
) -> None:
    """S10, S13."""
    form = browser.get("/join/").context["form"]

    assert form.initial == {"fqdn": "node1.example.org", "tls_verify": True}


def test_good_code_leads_to_the_operation_that_uses_it(
    browser: Client, local_agent: FakeAgent
) -> None:
    answer = browser.post("/join/", values())

    operation = Operation.objects.get()
    assert operation.kind == Operation.Kind.ENROL
    assert operation.parameters["fqdn"] == "node2.example.org"
    assert answer.headers["Location"] == f"/operations/{operation.pk}/"


def test_code_broken_into_lines_is_accepted(browser: Client, local_agent: FakeAgent) -> None:
    code = write_code()

    browser.post("/join/", values(code=f"  {code[:40]}\r\n{code[40:]}\r\n"))

    assert Operation.objects.exists()


def test_certificate_that_is_not_validated_is_recorded(
    browser: Client, local_agent: FakeAgent
) -> None:
    """S13."""
    browser.post("/join/", values(tls_verify="unticked"))

    assert Operation.objects.get().parameters["tls_verify"] is False
    assert AuditEvent.objects.filter(action="cluster.join.tls_unverified").exists()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "Paste the join code"),
        ("rubbish", "not a join code"),
        (write_code()[:-9], "end of the join code is missing"),
        (write_code()[:60] + "A" + write_code()[61:], "altered"),
        (write_code(expires_in=timedelta(minutes=-1)), "expired"),
    ],
    ids=["empty", "garbled", "truncated", "altered", "expired"],
)
def test_each_bad_code_has_its_own_sentence(
    code: str, sentence: str, browser: Client, local_agent: FakeAgent
) -> None:
    answer = browser.post("/join/", values(code=code))

    assert list(errors(answer)) == ["code"]
    assert sentence in errors(answer)["code"][0]
    assert not Operation.objects.exists()


@pytest.mark.parametrize("fqdn", ["node2", "node_2.example.org", "-x.example.org", "10.0.0.1"])
def test_bad_name_is_refused_beside_its_field(
    fqdn: str, browser: Client, local_agent: FakeAgent
) -> None:
    """S10, RFC 1123."""
    answer = browser.post("/join/", values(fqdn=fqdn))

    assert list(errors(answer)) == ["fqdn"]
    assert not Operation.objects.exists()


def test_join_code_is_on_no_page_afterwards(browser: Client, local_agent: FakeAgent) -> None:
    code = write_code()
    browser.post("/join/", values(code=code))

    page = browser.get(f"/operations/{Operation.objects.get().pk}/").text

    assert code not in page
    assert "s" * 22 not in page


def test_auditor_joins_nothing(auditor: Client, local_agent: FakeAgent) -> None:
    assert auditor.post("/join/", values()).status_code == 403
    assert not Operation.objects.exists()
