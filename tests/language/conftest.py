"""Fixtures of the walk over every page: those of the walks over every route."""

from tests.walks.conftest import *  # noqa: F403  # as many as are listed there
