from datetime import UTC, datetime

from arena_pipeline.catalog.errors import CatalogRefused
from arena_pipeline.registry.syncing.report import SyncReport
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days


def test_a_report_is_json_with_prices_as_decimal_text(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    report = days.next(row("acme/one", prompt="0.00000035"), row("acme/two"), row("acme/bad", id=1))

    found = report.to_json()

    assert found == {
        "snapshot": report.snapshot,
        "fetched_at": "2026-01-02T06:00:00+00:00",
        "models": 2,
        "added": [],
        "removed": [],
        "returned": [],
        "repriced": [
            {
                "slug": "acme/one",
                "before": {"prompt": "1", "completion": "2"},
                "after": {"prompt": "0.35", "completion": "2"},
            }
        ],
        "repointed": [],
        "renamed": [],
        "limits_changed": [],
        "expiring": [],
        "flipped": [],
        "agents_versioned": [],
        "skipped": [{"row": 2, "reason": "id: 1 is no slug like vendor/model"}],
        "refused": False,
        "reason": None,
        "is_sample": False,
        "notice": None,
    }


def test_a_refusal_is_reported_in_the_same_shape(days: Days) -> None:
    accepted = days.next(row("acme/one")).to_json()
    refusal = SyncReport.of_refusal(CatalogRefused.empty(0), FIRST_DAY).to_json()

    assert refusal.keys() == accepted.keys()
    assert (refusal["refused"], refusal["models"]) == (True, 0)
    assert "lists no models" in refusal["reason"]
    assert refusal["fetched_at"] == datetime(2026, 1, 1, 6, tzinfo=UTC).isoformat()
