"""Programs are run so that nothing they do harms the agent."""

import pytest

from nodes.agent.applications.errors import EngineFailed, EngineMissing, Superseded
from nodes.agent.applications.tool import MOST, System, last_line


def test_output_and_complaints_come_together_and_input_arrives() -> None:
    script = "read given; echo out $given; echo err >&2"
    assert System().run("sh", "-c", script, stdin="in\n") == "out in\nerr\n"


def test_of_output_without_end_the_last_is_kept() -> None:
    """Whatever a container writes, the agent's memory does not grow with it."""
    script = f"head -c {3 * MOST} /dev/zero; echo the end"
    said = System().run("sh", "-c", script)
    assert said.endswith("the end\n")
    assert len(said) == MOST


def test_failure_has_the_last_words_on_one_harmless_line() -> None:
    with pytest.raises(EngineFailed, match=r"^sh -c: \ufffd\[31mno$"):
        System().run("sh", "-c", "echo much; printf '\\033[31mno'; exit 3")


def test_program_that_reads_nothing_is_no_fault() -> None:
    assert System().run("true", stdin="x" * 8192) == ""


def test_program_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineMissing):
        System().run("no-such-program")


def test_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(EngineFailed, match="too long"):
        System().run("sleep", "60", seconds=0.0)


def test_program_that_nobody_waits_for_any_more_is_ended() -> None:
    with pytest.raises(Superseded):
        System().run("sleep", "60", is_given_up=lambda: True)


def test_silence_is_said_too() -> None:
    assert last_line(" \n") == "it failed and did not say why."
