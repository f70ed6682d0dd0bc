"""Sentences that are stored in English, and what a page in another language says of them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from cluster import sentences
from cluster.applications.catalogue import list_templates
from cluster.sentences import catalogue
from config.sentences import say

ROOT = Path(__file__).parents[2]


def _pieces(tree: ast.AST) -> Iterator[str]:
    """Every text in a module, with ``{}`` in the place of each value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w+\}", "{}", node.value)
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield "".join(map(str, parts))


def _said_by_the_code() -> set[str]:
    files = [path for app in ("cluster", "nodes") for path in (ROOT / app).rglob("*.py")]
    told = [path for path in files if "sentences" not in path.parts]
    return {piece.strip() for path in told for piece in _pieces(ast.parse(path.read_text()))}


def test_each_sentence_is_one_that_the_code_says() -> None:
    said = _said_by_the_code()
    known = {sentence: re.sub(r"\{\w+\}", "{}", sentence) for sentence in sentences.ALL}
    told = said | {f"{piece}." for piece in said}
    assert [sentence for sentence, shape in known.items() if shape not in told] == []


def test_each_text_of_the_catalogue_is_known() -> None:
    schemas = [schema for each in list_templates() for schema in each.parameters.values()]
    texts = {schema.get(name, "") for schema in schemas for name in ("title", "description")}
    texts |= {text for each in list_templates() for text in (each.summary, each.notes)}
    assert texts - {""} <= set(catalogue.CATALOGUE)


def test_stored_sentence_is_said_in_the_language_of_the_page() -> None:
    with override("it"):
        said = say("Shut down node2 (b.example.org) to finalise its removal. Nothing ran on it.")
    assert said == (
        "Spegnere node2 (b.example.org) per completarne la rimozione. Non vi era in esecuzione "
        "nulla."
    )


def test_several_sentences_are_said_one_by_one() -> None:
    with override("it"):
        said = say("The audit trail from before the change of leader is on node1. Export it there.")
    assert said.endswith("si trova su node1. Esportarlo da lì.")


@pytest.mark.parametrize("text", ["", "podman: no such image", "1.5 MB"])
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    with override("it"):
        assert say(text) == text


def test_english_is_not_touched() -> None:
    with override("en"):
        assert say("Nothing ran on it.") == "Nothing ran on it."


def test_what_a_machine_says_at_great_length_is_not_searched() -> None:
    """Looking for values in it takes a power of its length."""
    long = f"Shut down node2 ({'b.' * 300}) to finalise its removal. Nothing ran on it."
    with override("it"):
        assert say(long) == long
