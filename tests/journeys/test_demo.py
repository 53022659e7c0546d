"""The worked example from search to report, as ``resartus demo`` makes it."""

import json
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from resartus.app.demo import build_demo
from resartus.app.exporting import export_review, open_bundle
from resartus.app.living.diff import diff_versions
from resartus.app.living.updating import update_review
from resartus.app.reporting.audit import Standing, audit_review
from resartus.app.reporting.build import build_report, write_report
from resartus.app.reporting.flow import flow_counts
from resartus.app.reporting.material import gather
from resartus.app.reporting.sheet import build_sheet, sentences_of
from resartus.app.review import Review
from resartus.app.status import review_status
from resartus.app.synthesising import patient_curve, pooled_proportion
from resartus.app.tailoring import example_profile, tailor
from resartus.app.versions import state_at
from resartus.cli.main import main
from resartus.domain.extracted import CellValue
from resartus.domain.ids import StudyId
from resartus.domain.protocol import Part, PlannedEffect
from resartus.errors import ConflictError
from resartus.reporting.audit.loose import loose_numbers
from resartus.reporting.document import Figure, Report, Table
from resartus.reporting.figures.kept import KEPT
from resartus.reporting.soundness import find_faults
from resartus.tailoring.profile import Profile
from resartus.tailoring.wording import advice_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder).close()
    return folder


@pytest.fixture
def demo(folder: Path) -> Iterator[Review]:
    with Review(folder) as review:
        yield review


@dataclass(frozen=True)
class Written:
    """The newest version's report with the example's patient, and its page as text."""

    report: Report
    page: str


@pytest.fixture(scope="module")
def written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    with Review(folder) as review:
        material = gather(review, review.state().versions[-1])
        report = build_report(material, profile=example_profile())
    html, _ = write_report(report, tmp_path_factory.mktemp("written"))
    return Written(report=report, page=html.read_text(encoding="utf-8"))


def treated(review: Review) -> set[StudyId]:
    entries = review.state().studies.values()
    return {e.study_id for e in entries if review.protocol.part_of(e.role) is Part.TREATED}


def test_it_pins_the_founding_years_and_the_update(demo: Review) -> None:
    first, second = demo.state().versions
    assert "1990 to 2011" in first.trigger
    assert "update" in second.trigger
    assert first.records_hash == second.records_hash
    assert first.events_hash != second.events_hash
    years = {r.search.from_year for r in state_at(demo, first).search_runs}
    assert years == {1990}


def test_the_flow_adds_up_in_both_versions(demo: Review) -> None:
    for snapshot in demo.state().versions:
        counts = flow_counts(gather(demo, snapshot))
        assert counts.disagreements() == ()
    assert counts.previous_studies == 22
    assert (counts.total_studies, counts.total_reports) == (52, 52)
    # 426 in the 19 series of the source, and 8 case reports.
    assert (counts.total_patients, counts.single_patients) == (434, 18)
    everyone = sum(i.count for i in counts.other_sources) + counts.screened
    assert everyone == len(demo.state().record_ids()) - 69


def test_no_operative_death_is_pooled_into_an_exact_upper_limit(demo: Review) -> None:
    from resartus.app.evidence import assemble

    result = pooled_proportion(
        assemble(demo.state()),
        "mortality_n",
        treated=treated(demo),
        denominator="n_liver_surgery",
    )
    assert (sum(result.events), sum(result.totals), len(result.studies)) == (0, 118, 5)
    assert result.pooled.interval is not None
    # Clopper-Pearson by hand: 1 - 0.025 ** (1 / 118).
    assert result.pooled.interval.high == pytest.approx(1 - 0.025 ** (1 / 118), abs=1e-9)


def test_series_selected_for_survival_are_left_out_and_named(demo: Review) -> None:
    from resartus.app.evidence import assemble

    result = pooled_proportion(
        assemble(demo.state()),
        "morbidity_n",
        treated=treated(demo),
        denominator="n_liver_surgery",
    )
    assert (sum(result.events), sum(result.totals)) == (25, 120)
    left = {study.study_id: reason for study, reason in result.left_out}
    assert left[StudyId("lts_anticancerres2015")] == "patients were selected for their survival"
    assert left[StudyId("kolev2014")] == "not reported"


def test_every_single_patient_is_in_the_curve_or_has_a_reason(demo: Review) -> None:
    material = gather(demo, demo.state().versions[-1])
    result = patient_curve(material.patients, treatment="resection")
    assert len(result.patients) + len(result.unusable) == 18
    assert len(result.patients) == 8
    assert not any(p.follow_up.status.is_dead for p in result.patients)
    assert {u.reason for u in result.unusable} == {
        "treated by ablation",
        "vital status not reported",
        "length of follow-up not reported",
        "length of follow-up and vital status not reported",
    }


def test_every_number_of_both_reports_resolves_to_the_data(demo: Review, written: Written) -> None:
    first, _ = demo.state().versions
    before = build_report(gather(demo, first), profile=example_profile())
    for report in (before, written.report):
        assert find_faults(report) == ()
        assert loose_numbers(report) == ()


def test_two_builds_of_a_version_are_the_same_bytes(demo: Review, tmp_path: Path) -> None:
    material = gather(demo, demo.state().versions[0])
    for name in "ab":
        # Figures too are drawn anew.
        KEPT.clear()
        write_report(build_report(material), tmp_path / name)
    for kind in ("report.html", "report.docx"):
        assert (tmp_path / "a" / kind).read_bytes() == (tmp_path / "b" / kind).read_bytes()


def test_the_page_asks_nothing_of_the_network(written: Written) -> None:
    text = written.page
    loaded = re.findall(r"""(?:src|srcset)\s*=\s*["']([^"']+)|url\(["']?([^)"']+)""", text)
    assert all((a or b).startswith(("data:", "#")) for a, b in loaded)
    assert "<script" not in text
    assert '<link rel="stylesheet"' not in text


def test_the_reports_never_advise_for_or_against_treatment(written: Written) -> None:
    text = re.sub(r"<[^>]+>", " ", written.page).lower()
    for phrase in (
        "we recommend",
        "is recommended",
        "should be operated",
        "should undergo",
        "must be resected",
        "contraindicated",
        "is indicated",
    ):
        assert phrase not in text


def test_the_update_finds_nothing_more_when_run_again(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Review(copy) as review:
        result = update_review(review)
    assert result.new_ids == ()
    assert len(result.runs) == 2


def test_the_difference_of_the_versions_names_what_came(demo: Review) -> None:
    first, second = demo.state().versions
    changes = diff_versions(demo, first, second).changes
    studies = {c.what for c in changes if c.kind == "study"}
    assert len(studies) == 30
    assert "neumann2012" in studies
    assert "kamel2011" not in studies
    assert diff_versions(demo, second, second).changes == ()


def test_status_says_what_comes_next(demo: Review) -> None:
    status = review_status(demo)
    assert (status.records, status.screening.left, status.eligibility.left) == (251, 0, 0)
    assert status.next_command == "resartus update"


def test_tailoring_names_what_is_outside_the_published(demo: Review) -> None:
    result = tailor(demo, example_profile())
    told = {c.factor.name: c for c in result.coverage}
    assert not told["platinum response"].is_covered
    assert all(0 <= m.distance <= 1 for m in result.nearest)
    assert [m.patient.value("treatment") for m in result.nearest] == ["resection"] * 5


def test_an_export_is_the_same_bytes_and_names_every_hash(demo: Review, tmp_path: Path) -> None:
    first = export_review(demo, tmp_path / "a.zip").read_bytes()
    assert first == export_review(demo, tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        hashes = json.loads(archive.read("manifest.json"))["files"]
        assert set(hashes) | {"manifest.json"} == set(archive.namelist())
        events = archive.read("events.jsonl").splitlines()
    assert len(events) == demo.store.last_seq()


def test_the_audit_of_the_example_says_what_is_left_to_write(demo: Review, tmp_path: Path) -> None:
    snapshot = demo.state().versions[-1]
    files = write_report(build_report(gather(demo, snapshot)), tmp_path)
    audit = audit_review(demo, snapshot, written=files)
    assert audit.faults == ()
    left = {
        one.item.key
        for _, items in audit.scores
        for one in items
        if one.standing is Standing.MISSING
    }
    assert {key for key in left if key.startswith("PRISMA2020")} == {
        f"PRISMA2020:{item}" for item in ("1", "3", "18", "22", "23a", "23d")
    }
    assert {key for key in left if key.startswith(("SWiM", "RAISE"))} == set()
    assert len(audit.cases) == 18


def test_no_sentence_of_report_or_sheet_gives_advice(demo: Review, written: Written) -> None:
    material = gather(demo, demo.state().versions[-1])
    draw = random.Random(20261125)
    profiles = [example_profile(), Profile(name="Nothing known", values={})]
    for n in range(6):
        values: dict[str, CellValue] = {}
        for factor in material.factors:
            if draw.random() < 0.6:
                choices = [band.value for band in factor.bands]
                is_number = factor.kind == "number"
                value = draw.randint(0, 120) if is_number else draw.choice(choices)
                if value is not None:
                    values[factor.field] = value
        profiles.append(Profile(name=f"Drawn {n}", values=values))
    for profile in profiles:
        sheet = build_sheet(material, profile)
        assert find_faults(sheet) == ()
        assert loose_numbers(sheet) == ()
        assert [advice_in(text) for text in sentences_of(sheet) if advice_in(text)] == []
    report = written.report
    # The protocol and the papers' own titles and words are quoted; what we say is the rest.
    quoted = "\n".join(r.title or "" for r in report.records)
    ours = [text for text in sentences_of(report) if text.strip() and text not in quoted]
    assert [advice_in(text) for text in ours if advice_in(text)] == []


def test_an_archive_opens_elsewhere_and_its_report_is_the_same_bytes(
    demo: Review, tmp_path: Path
) -> None:
    first = export_review(demo, tmp_path / "a.zip", has_report=True)
    opened = open_bundle(first, tmp_path / "elsewhere" / "review")
    assert opened.differing == ()
    assert sorted(opened.same) == ["report/report-v2.docx", "report/report-v2.html"]
    with Review(opened.folder) as review:
        again = export_review(review, tmp_path / "b.zip", has_report=True)
    assert again.read_bytes() == first.read_bytes()


def test_a_second_demo_in_the_same_folder_overwrites_nothing(folder: Path) -> None:
    with pytest.raises(ConflictError, match="already holds a review"):
        build_demo(folder)


def test_the_command_writes_what_it_says_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(tmp_path / "here"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    written = sorted(str(p) for p in (tmp_path / "here" / "out").iterdir())
    assert sorted(told["files"]) == written
    assert sorted(p.name for p in (tmp_path / "here").iterdir()) == [
        "out",
        "patient.toml",
        "payloads",
        "review.db",
        "review.toml",
    ]
    profile = tmp_path / "here" / "patient.toml"
    assert main(["--review", str(tmp_path / "here"), "audit", "--patient", str(profile)]) == 0
    assert "No faults" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here"]


def test_a_planned_effect_stands_in_the_report_with_its_studies(demo: Review) -> None:
    fields = {"events": "morbidity_n", "total": "n_liver_surgery"}
    plan = PlannedEffect(name="Complications", measure="PLO", fields=fields, model="GLMM")
    analysis = replace(demo.protocol.analysis, effects=(plan,))
    protocol = replace(demo.protocol, analysis=analysis)
    material = replace(gather(demo, demo.state().versions[-1]), protocol=protocol)
    report = build_report(material)
    assert not find_faults(report)
    results = next(s for s in report.sections if s.section_id == "results")
    effects = next(s for s in results.sections if s.section_id == "effects")
    tables = [b for b in effects.sections[0].blocks if isinstance(b, Table)]
    figures = [b.figure_id for b in effects.sections[0].blocks if isinstance(b, Figure)]
    assert len(tables[0].rows) == 6
    assert figures == [
        "figure-effect-complications-forest",
        "figure-effect-complications-cumulative",
    ]
