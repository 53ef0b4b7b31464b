"""The dashboard and the alerts name only metrics that exist, and the manual has every one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.support.app_server import ROOT
from webapp.operations.metrics import PREFIX, Metrics
from webapp.operations.task_metrics import families as task_families
from webapp.tasks import Totals

ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "webapp.json").read_text(encoding="utf-8"))
MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}

LABELS = {
    "writes_total": {"table"},
    "sockets_closed_total": {"code"},
    "refusals_total": {"reason"},
    "task_runs_total": {"task", "outcome"},
    "task_seconds_total": {"task", "outcome"},
    "task_waiting": {"task"},
    "task_running": {"task"},
    "task_given_up": {"task"},
    "task_late_seconds": {"task"},
}


def families() -> dict[str, str]:
    """The type of each metric, by its name."""
    found = [*Metrics().registry.collect(), *task_families(Totals((), ()))]
    return {family.name: family.type for family in found}


def series() -> set[str]:
    return {name + suffix for name, kind in families().items() for suffix in SUFFIXES[kind]}


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def test_the_dashboard_and_the_alerts_name_only_metrics_that_exist() -> None:
    named = {name for text in expressions() for name in re.findall(rf"\b{PREFIX}\w+", text)}
    assert named
    assert named <= series()


def test_labels_are_those_that_the_metrics_have() -> None:
    for text in expressions():
        labels = {"instance", "le"}.union(*(some for name, some in LABELS.items() if PREFIX + name in text))
        asked = re.findall(r"by \(([^)]*)\)", text)
        assert {one.strip() for some in asked for one in some.split(",")} <= labels, text


def test_every_metric_is_on_the_dashboard_and_in_the_manual() -> None:
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    for name, kind in families().items():
        told = name + SUFFIXES[kind][0].removesuffix("_bucket")
        assert name in shown
        assert f"`{told}`" in MANUAL


def test_the_manual_names_no_metric_that_does_not_exist() -> None:
    named = set(re.findall(rf"`({PREFIX}\w+)`", MANUAL))
    assert named <= series() | set(families())


def test_there_are_five_alerts_and_the_manual_says_what_to_do_about_each() -> None:
    assert len(rules()) == 5
    for rule in rules():
        assert rule.keys() >= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert f"`{rule['alert']}`" in MANUAL


def test_panels_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
