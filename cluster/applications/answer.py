"""What a node answers to a command about an application: data, or why it refuses."""

from typing import Any

from cluster.errors.applications import refusal_of

LONGEST = 500


def read_answer(result: Any) -> dict[str, Any]:
    """The data; raises the node's refusal as this leader's own error."""
    told = result if isinstance(result, dict) else {}
    data = told.get("data")
    answer: dict[str, Any] = data if isinstance(data, dict) else {}
    if told.get("ok") is not True:
        code, detail = str(answer.get("code", "")), str(answer.get("detail", ""))
        raise refusal_of(code, detail[:LONGEST] or "it did not say why.")
    return answer
