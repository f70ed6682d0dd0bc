"""A leader whose console is opened by its own name."""

from pathlib import Path

import pytest

from accounts.models import Administrator
from tests.accounts.factories import make_administrator
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey
from tests.accounts.passkeys.steps import enrol
from tests.node_files import write_node_file


@pytest.fixture(autouse=True)
def _named(node_file: Path) -> None:
    write_node_file(node_file, role="leader", fqdn=HOST)


@pytest.fixture
def ann(db: None) -> Administrator:
    return make_administrator("ann")


@pytest.fixture
def passkey(ann: Administrator) -> SoftwarePasskey:
    """The only second factor of ann's, beside recovery codes."""
    made, _ = enrol(ann)
    return made
