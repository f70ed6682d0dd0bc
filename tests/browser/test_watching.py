"""Every visitor of every browser test is listened to."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
OPENS = re.compile(r"\.new_context\(|browser\.new_page\(|launch_persistent_context\(")
LISTENS = "browser/watching.py"
MEASURE = {"bench/tabs.py", "browser/lighthouse_round.py"}


def test_nobody_opens_a_visitors_context_but_who_listens_to_it() -> None:
    """What measures tests nothing."""
    sources = {path.relative_to(TESTS).as_posix(): path for path in TESTS.rglob("*.py")}
    opening = {name for name, path in sources.items() if OPENS.search(path.read_text())}

    assert opening - {"browser/test_watching.py"} == {LISTENS} | MEASURE
