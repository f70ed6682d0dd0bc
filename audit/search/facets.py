"""A question as conditions: for each, how an index finds it, and how a row is tested for it."""

from dataclasses import dataclass
from itertools import product
from uuid import UUID

from django.db import connection

from audit.models import AuditEvent, Outcome
from audit.search.question import Question, Span
from audit.search.sql import ANY, Condition, count_ids
from audit.search.text import like_pattern
from audit.searchable import COMPLETED

MOST_PAIRS = 64
NARROW = 10_000
"""A set of at most so many events is looked through one by one."""
LINE_FEED = "\n"
BY_PARTS = (
    "(search_text LIKE %s ESCAPE '\\'"
    " OR (substr(search_text, -1) = char(10) AND details LIKE %s ESCAPE '\\'))"
)
"""Without making the whole text of every row; what has no line feed is in one part or the other."""
UNUSUAL = (Outcome.DENIED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that is asked for."""

    test: Condition
    """Of a row; it keeps the planner from any index."""
    indexed: tuple[Condition, ...] = ()
    """Alternatives, each with an index of its own; none where no index helps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to begin, and what to test each row for."""

    alternatives: tuple[Condition, ...]
    tests: tuple[Condition, ...]
    is_narrow: bool
    """The alternatives are known to be few."""

    @property
    def is_direct(self) -> bool:
        """The indexes alone answer: no row is looked at in vain."""
        return not self.tests


def plan(question: Question, *, span: Span) -> Plan:
    """Begin with the index that has the fewest events in ``span``; test for the rest."""
    facets = _facets(question)
    candidates = [facet for facet in facets if facet.indexed]
    if not candidates:
        return Plan((ANY,), tuple(facet.test for facet in facets), is_narrow=span.size <= NARROW)
    best, events = candidates[0], None
    if len(facets) > 1:
        counts = [count_ids(facet.indexed, span=span, most=NARROW) for facet in candidates]
        best, events = min(zip(candidates, counts, strict=True), key=lambda each: each[1])
    tests = tuple(facet.test for facet in facets if facet is not best)
    return Plan(best.indexed, tests, is_narrow=events is not None and events <= NARROW)


def known_to_indexes(question: Question) -> tuple[Condition, ...]:
    """All that is asked, if several indexes know of it; else nothing."""
    given = _facets(question)
    if sum(1 for facet in given if facet.indexed) < 2:
        return ()
    return tuple(_any(facet.indexed) if facet.indexed else facet.test for facet in given)


def _any(alternatives: tuple[Condition, ...]) -> Condition:
    either = " OR ".join(f"({each.sql})" for each in alternatives)
    return Condition(f"({either})", tuple(value for each in alternatives for value in each.values))


def tests(question: Question) -> tuple[Condition, ...]:
    """All that is asked, as tests of a row."""
    return tuple(facet.test for facet in _facets(question))


def _facets(question: Question) -> list[Facet]:
    given = [*_who_and_what(question)]
    if question.outcomes and set(question.outcomes) != set(Outcome):
        given.append(_outcome(question.outcomes))
    if question.target:
        given.append(_target(question.target))
    if question.source:
        given.append(_named("source", (question.source,)))
    if question.operation is not None:
        given.append(_operation(question.operation))
    if question.text:
        given.append(Facet(contains(question.text)))
    return given


def contains(text: str) -> Condition:
    """Every character means itself; by the quickest way that each engine has."""
    if connection.vendor == "postgresql":
        return Condition(f"strpos({COMPLETED['postgresql']}, %s) > 0", (text,))
    pattern = like_pattern(text)
    if LINE_FEED in text:
        return Condition(f"{COMPLETED['sqlite']} LIKE %s ESCAPE '\\'", (pattern,))
    return Condition(BY_PARTS, (pattern, pattern))


def _who_and_what(question: Question) -> list[Facet]:
    users, actions = _named('"user"', question.users), _named("action", question.actions)
    if not question.users or not question.actions:
        return [facet for facet in (users, actions) if facet.indexed]
    pairs = list(product(question.users, question.actions))
    if len(pairs) > MOST_PAIRS:
        return [users, actions]
    test = Condition(
        f"{users.test.sql} AND {actions.test.sql}", users.test.values + actions.test.values
    )
    return [Facet(test, tuple(Condition('"user" = %s AND action = %s', pair) for pair in pairs))]


def _named(column: str, names: tuple[str, ...]) -> Facet:
    places = ", ".join(["%s"] * len(names))
    return Facet(
        Condition(f"({column} || '') IN ({places})", names),
        tuple(Condition(f"{column} = %s", (name,)) for name in names),
    )


def _outcome(outcomes: tuple[str, ...]) -> Facet:
    facet = _named("outcome", outcomes)
    if set(outcomes) - set(UNUSUAL):
        return Facet(facet.test)
    partial = "outcome = %s AND outcome IN ('denied', 'failed')"
    return Facet(facet.test, tuple(Condition(partial, (outcome,)) for outcome in outcomes))


def _target(value: str) -> Facet:
    """By id, by label, or by kind and id."""
    kind, _, identifier = value.partition(":")
    ways = [Condition("target_id = %s", (value,)), Condition("target_label = %s", (value,))]
    test = "(target_id || '') = %s OR (target_label || '') = %s"
    values: tuple[object, ...] = (value, value)
    if identifier:
        ways.append(Condition("target_kind = %s AND target_id = %s", (kind, identifier)))
        test += " OR (target_kind || '') = %s AND (target_id || '') = %s"
        values += (kind, identifier)
    return Facet(Condition(f"({test})", values), tuple(ways))


def _operation(operation: UUID) -> Facet:
    column = AuditEvent._meta.get_field("operation")
    value = column.get_db_prep_value(operation, connection)
    condition = Condition("operation = %s", (value,))
    return Facet(condition, (condition,))
