"""Which workflow carries which kind of operation forward."""

from importlib import import_module

from cluster.workflows.steps import Workflow

MODULES = (
    "cluster.workflows.application_change",
    "cluster.workflows.application_install",
    "cluster.workflows.application_remove",
    "cluster.workflows.backup",
    "cluster.workflows.create",
    "cluster.workflows.enrol",
    "cluster.workflows.join",
    "cluster.workflows.promote",
    "cluster.workflows.remove",
    "cluster.workflows.restore",
)
"""Each registers its workflow when it is imported."""

WORKFLOWS: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make the engine know a workflow."""
    WORKFLOWS[workflow.kind] = workflow
    return workflow


def load() -> None:
    """Import the product's workflows, once at start."""
    for module in MODULES:
        import_module(module)
