"""Names as a history has them, the list that explains some, and what a test asks of them."""

from arena_pipeline.importers.snakebench.naming.names import ListedModel, Rule
from arena_pipeline.importers.snakebench.naming.people import NamesReport

LOW = {"reasoning_effort": "low"}
LISTED = (
    ListedModel("mini-low", "mini-2025", "gamma/mini-2025", LOW),
    ListedModel("mini-high", "mini-2025", "gamma/mini-2025", {"reasoning_effort": "high"}),
    ListedModel("Llama-70b", "meta/Llama-70b", "meta/Llama-70b", {"heat": 1e2, "stop": [1.5]}),
)
NAMES = (
    "acme/one",
    "Acme: One",
    "mini-low",
    "mini-high",
    "Llama-70b",
    "Llama-70B",
    "Odd: Name ",
    "Odd: Name",
    "",
    "\ud800\0",
)


def rules(report: NamesReport) -> dict[str, tuple[Rule, str]]:
    return {name: (one.rule, one.slug) for name, one in report.people.items()}
