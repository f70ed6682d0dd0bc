"""Whom a worker asks and courts, in which order, and how seldom: with nobody at the other end."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from nodes.agent.state import Member
from nodes.agent.sync.asking import Said
from nodes.agent.sync.finder import BETWEEN_ROUNDS, Finder
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember


class World:
    """Node 6 of six, the others' answers, and who would prove to be its leader."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.answers: dict[int, dict[str, Any]] = {}
        self.leader = 0
        self.asked: list[list[int]] = []
        self.courted: list[int] = []
        self.now = 1000.0
        self.finder = Finder(fleet[6], self, ask_all=self.ask_all, monotonic=lambda: self.now)

    def court(self, member: Member) -> bool:
        self.courted.append(member.id)
        return member.id == self.leader

    def ask_all(
        self, members: Sequence[Member], *, is_enough: Callable[[Said], bool]
    ) -> list[Said]:
        self.asked.append([member.id for member in members])
        return [Said(one, self.answers[one.id]) for one in members if one.id in self.answers]

    def answer(self, number: int, *, term: int, leader: int) -> None:
        role = "leader" if leader == number else "worker"
        self.answers[number] = {"role": role, "term": term, "leader": leader}


@pytest.fixture
def world(make_member: MakeMember) -> World:
    return World(Fleet(make_member, 6))


def test_everybody_but_us_and_the_silent_leader_is_asked(world: World) -> None:
    assert not world.finder.search()
    assert world.asked == [[2, 3, 4, 5]]


def test_node_that_is_leaving_is_not_asked(world: World) -> None:
    world.fleet.changes[3] = {"status": "removing"}
    world.fleet.tell(world.fleet[1].sign(world.fleet.document(generation=4)))
    world.finder.search()
    assert world.asked == [[2, 4, 5]]


def test_leader_of_the_latest_term_is_courted_first(world: World) -> None:
    world.answer(2, term=2, leader=2)
    world.answer(3, term=4, leader=3)
    world.leader = 3
    assert world.finder.search()
    assert world.courted == [3]


def test_leader_is_found_through_those_who_follow_it(world: World) -> None:
    world.answer(2, term=3, leader=4)
    world.answer(3, term=3, leader=4)
    world.leader = 4
    assert world.finder.search()
    assert world.courted == [4]


def test_nobody_of_our_own_term_is_courted(world: World) -> None:
    world.answer(2, term=1, leader=1)
    world.answer(3, term=1, leader=3)
    assert not world.finder.search()
    assert world.courted == []


def test_who_names_us_or_a_stranger_names_nobody(world: World) -> None:
    world.answer(2, term=5, leader=6)
    world.answer(3, term=5, leader=9)
    world.answer(4, term=5, leader=0)
    assert not world.finder.search()
    assert world.courted == []


def test_however_many_call_themselves_leader_few_are_courted(world: World) -> None:
    for number in (2, 3, 4, 5):
        world.answer(number, term=number, leader=number)
    world.finder.search()
    assert world.courted == [5, 4, 3]


def test_node_that_is_named_is_courted_before_anybody_is_asked(world: World) -> None:
    world.leader = 2
    assert world.finder.search(named=2)
    assert world.asked == []


def test_node_that_was_named_wrongly_costs_one_attempt(world: World) -> None:
    world.answer(3, term=2, leader=3)
    world.leader = 3
    assert world.finder.search(named=2)
    assert world.courted == [2, 3]


def test_rounds_are_not_asked_in_haste(world: World) -> None:
    world.finder.search()
    world.finder.search()
    world.now += BETWEEN_ROUNDS
    world.finder.search()
    assert len(world.asked) == 2


def test_node_that_root_has_named_is_courted_without_asking(world: World) -> None:
    assert not world.finder.court_approved()
    world.fleet[6].follow(node_id=2, by="root@node6")
    world.leader = 2
    assert world.finder.court_approved()
    assert (world.courted, world.asked) == ([2], [])
