"""Commands find the node that ``make run`` started, without being told."""

from pathlib import Path

import pytest

from nodes.agent import paths


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "INSTALLED", tmp_path / "installed")
    monkeypatch.setattr(paths, "PROJECT", tmp_path / "clone")
    return tmp_path


def test_clone_that_was_run_is_found(places: Path) -> None:
    (places / "clone" / "var").mkdir(parents=True)
    assert paths.default_state_dir() == places / "clone" / "var"


def test_installation_comes_before_a_clone(places: Path) -> None:
    (places / "clone" / "var").mkdir(parents=True)
    (places / "installed").mkdir()
    assert paths.default_state_dir() == places / "installed"


def test_nothing_found_means_the_installation(places: Path) -> None:
    assert paths.default_state_dir() == places / "installed"
