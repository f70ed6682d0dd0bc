"""Fixtures that every test may ask for."""

pytest_plugins = ["tests.fakes", "tests.lab.fixtures", "tests.audit.append_only", "tests.sharing"]
