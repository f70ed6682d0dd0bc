"""The styleguide shows what there is, and only to developers."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Administrator
from cluster.models import Cluster
from config import settings as production
from config.styleguide.parts import SECTIONS
from tests.cluster.conftest import cluster, resolvable_names, tls_certificate
from tests.fakes import local_agent

__all__ = ["cluster", "local_agent", "resolvable_names", "tls_certificate"]
TEMPLATES = Path(settings.BASE_DIR) / "config" / "templates" / "console" / "styleguide"


def test_production_has_no_styleguide() -> None:
    assert production.SHOW_STYLEGUIDE is False


def test_every_part_has_its_section() -> None:
    files = sorted(path.stem for path in TEMPLATES.glob("*.html"))

    assert sorted(section.slug for section in SECTIONS) == files


@pytest.mark.django_db
def test_page_shows_every_part(cluster: Cluster) -> None:
    client = Client()
    client.force_login(Administrator.objects.create(username="alice"))

    page = client.get("/styleguide/").text

    assert [section.slug for section in SECTIONS if f'id="{section.slug}-title"' not in page] == []
    assert 'class="errorlist"' in page
