"""`stethoscribe evaluate` on a tiny made-up folder, with the real starter model."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Profile
from tests.data.evaluation import SECRET, write_sets
from tests.end2end.product import json_of, run_product


def test_a_model_is_measured_and_the_report_says_what_it_means(user: Profile) -> None:
    data, out = user.home / "visits", user.home / "figures"
    write_sets(data)
    asked = (
        "evaluate", "--model", "smollm2-135m", "--data", data, "--set", "primock57",
        "--transcripts", "reference", "--limit", "1", "--out", out,
    )  # fmt: skip
    told = json_of(run_product(user, *asked, "--json"))
    measured = {each["system"]: each["totals"] for each in told["groups"]}
    assert measured["smollm2-135m"]["tokens"] > 0
    assert measured["smollm2-135m"]["seconds"] > 0
    assert measured["extractive"]["critical_held"] == measured["extractive"]["critical"] == 2
    assert measured["extractive"]["unsupported"] == 0
    assert measured["smollm2-135m"]["shipped_unsupported"] == 0
    report = (out / "report.md").read_text("utf-8")
    assert "smollm2-135m: do not choose it" in report or "a candidate" in report

    again = run_product(user, *asked, "--resume")
    assert again.returncode == 0, again.stderr
    table = json.loads((out / "report.json").read_text("utf-8"))
    assert table["reused_rows"] == table["rows"]
    assert table["groups"] == told["groups"]
    kept = "".join(each.read_text("utf-8") for each in out.rglob("*") if each.is_file())
    assert SECRET not in (kept + again.stdout + again.stderr).lower()


def test_absent_data_is_said_with_the_name_of_the_file(user: Profile) -> None:
    ended = run_product(user, "evaluate", "--data", Path("nowhere"), "--set", "orders")
    assert ended.returncode == 3
    assert "orders.json" in ended.stderr
    assert "--data" in ended.stderr
