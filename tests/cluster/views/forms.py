"""Forms as pages show them."""


def errors(answer: object) -> dict[str, list[str]]:
    form = answer.context["form"]  # type: ignore[attr-defined]  # the test client's
    return dict(form.errors)
