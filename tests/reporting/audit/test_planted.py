"""Faults planted one by one in a written report: the audit names each."""

import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.reporting.sample import sample_report

from resartus.app.reporting.audit import audit_report
from resartus.domain.ids import RecordId
from resartus.reporting.document import (
    Cite,
    CrossReference,
    Link,
    Number,
    NumberKind,
    Paragraph,
    Report,
    Section,
    content,
)
from resartus.reporting.evidence import Evidence
from resartus.reporting.html import render_html
from resartus.reporting.word import render_docx


@cache
def report() -> Report:
    return sample_report()


@cache
def page() -> str:
    return render_html(report())


@pytest.fixture(scope="module")
def docx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("word") / "report.docx"
    render_docx(report(), path)
    return path


def kinds(path: Path) -> set[str]:
    _, faults = audit_report(report(), facts={}, written=(path,))
    return {fault.kind for fault in faults}


def swap(pattern: str, new: str, *, count: int = 1) -> Callable[[str], str]:
    def plant(text: str) -> str:
        changed, n = re.subn(pattern, new, text, count=count, flags=re.DOTALL)
        assert n, pattern
        return changed

    return plant


def insert(what: str, *, before: str = "</main>") -> Callable[[str], str]:
    return lambda text: text.replace(before, what + before, 1)


def swap_sections(text: str) -> str:
    found = re.findall(r'<section id="([^"]+)"', text)
    first, second = found[0], found[-1]
    mark = '<section id="%s"'
    text = text.replace(mark % first, mark % "x-x", 1)
    text = text.replace(mark % second, mark % first, 1)
    return text.replace(mark % "x-x", mark % second, 1)


NUMBER = r'(<a class="num" href="#[^"]+" data-number="[^"]+">)[^<]+'
PAGE: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("a number is written over", "wrong number", swap(NUMBER, r"\g<1>99.9%")),
    (
        "a number is given another name",
        "unknown number",
        swap('data-number="[^"]+"', 'data-number="a.b"'),
    ),
    (
        "a number leads to other rows",
        "wrong source",
        swap(r'(<a class="num" href=)"#[^"]+"( data-number)', r'\1"#table-studies"\2'),
    ),
    ("a number becomes plain words", "missing number", swap(NUMBER + "</a>", "5")),
    (
        "an extracted value is written over",
        "wrong number",
        swap(r'(<a class="num" href="#e-[^"]+">)[^<]+', r"\g<1>77"),
    ),
    (
        "a row of evidence is changed",
        "changed evidence row",
        swap(r'(<tr id="e-.*?<td[^>]*>)', r"\1not "),
    ),
    (
        "a row of evidence is deleted",
        "missing evidence row",
        swap(r'<tr id="e-[^"]+">.*?</tr>', ""),
    ),
    (
        "the rows behind a number are gone",
        "dangling number",
        swap(r'<tr id="n-[^"]+">.*?</tr>', ""),
    ),
    (
        "how a number was computed is changed",
        "changed row of a number",
        swap(r'(<tr id="n-[^"]+">.*?<td[^>]*>)', r"\1guessed "),
    ),
    (
        "a row of a number is gone",
        "missing row of a number",
        swap(r'<tr id="n-[^"]+">.*?</tr>', ""),
    ),
    (
        "a row is made up",
        "unknown evidence row",
        insert('<table><tr id="e-made-up"><td>1</td></tr></table>'),
    ),
    (
        "a row of a table is changed",
        "changed table row",
        swap(r'(<tr id="study-[^"]+"><th[^>]*>)', r"\1Other "),
    ),
    (
        "a row of a table is deleted",
        "missing table row",
        swap(r'<tr id="study-[^"]+">.*?</tr>', ""),
    ),
    ("a reference is changed", "changed reference", swap(r'(<li id="ref-[^"]+">)', r"\1Doe J. ")),
    ("a reference is deleted", "missing reference", swap(r'<li id="ref-[^"]+">.*?</li>', "")),
    ("a citation leads nowhere", "dangling link", swap(r'href="#ref-[^"]+"', 'href="#ref-gone"')),
    ("two places share a name", "duplicate id", insert('<p id="content">x</p>')),
    ("a link leads nowhere", "dangling link", insert('<a href="#nowhere">x</a>')),
    ("a script is added", "loads from outside", insert("<script>1</script>")),
    (
        "a picture is fetched",
        "loads from outside",
        insert('<img src="https://x.org/a.png" alt="">'),
    ),
    ("a click runs code", "loads from outside", insert('<p onclick="a()">x</p>')),
    ("a link runs code", "loads from outside", insert('<a href="javascript:a()">x</a>')),
    ("a frame is added", "loads from outside", insert('<iframe src="https://x.org"></iframe>')),
    (
        "a style sheet is fetched",
        "loads from outside",
        insert("@import https://x.org/a.css;", before="</style>"),
    ),
    (
        "a font is fetched",
        "loads from outside",
        insert("p{background:url(https://x.org/a)}", before="</style>"),
    ),
    (
        "a section is cut out",
        "missing section",
        swap(r'<section id="([^"]+)"', '<section id="other"'),
    ),
    ("a section is added", "unknown section", insert('<section id="new"><h2>New</h2></section>')),
    (
        "a heading is changed",
        "changed section",
        swap(r'(<h2 id="[^"]+">.*?</span>) [^<]+', r"\1 Proof"),
    ),
    ("sections change places", "order of sections", swap_sections),
    (
        "a figure is cut out",
        "missing figure",
        swap(r'<figure class="figure" id="[^"]+">.*?</figure>', ""),
    ),
    ("a figure is drawn over", "changed figure", swap(r'(<path d="M )', r"\g<1>9")),
    ("a figure loses its words", "figure without words", swap(r"<desc id[^>]*>.*?</desc>", "")),
    ("an item loses its mark", "missing item mark", swap(r' data-items="[^"]+"', "")),
    ("an item is claimed", "unknown item mark", insert('<p data-items="PRISMA2020:99">x</p>')),
    ("the title is changed", "changed title", swap(r"<h1>[^<]+", "<h1>A trial")),
    ("the version is changed", "changed title", swap(r'(<p class="snapshot">)', r"\1Newer ")),
    (
        "a sentence is changed",
        "text changed by hand",
        swap(r"(<p>)([A-Z][a-z]+) ", r"\1Surely, \2 "),
    ),
    ("a sentence is added", "text changed by hand", insert("<p>Surgery works.</p>")),
    ("a paragraph is deleted", "text gone", swap(r"<p>[A-Z][^<]{20,}</p>", "")),
    ("the look is changed", "page changed", insert("p{display:none}", before="</style>")),
    ("the file ends early", "unreadable page", lambda text: text[: len(text) // 2]),
    ("the file is empty", "unreadable page", lambda _: ""),
)


@pytest.mark.parametrize(("what", "kind", "plant"), PAGE, ids=[case[0] for case in PAGE])
def test_a_fault_in_the_page_is_found(
    what: str, kind: str, plant: Callable[[str], str], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(plant(page()), encoding="utf-8")
    assert kind in kinds(path), what


def test_a_page_as_written_has_no_fault(tmp_path: Path, docx: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(), encoding="utf-8")
    assert kinds(path) == set()
    assert kinds(docx) == set()


def test_a_page_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(page().encode("utf-16"))
    assert kinds(path) == {"unreadable page"}


def edit_part(name: str, plant: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            parts = {n: archive.read(n) for n in archive.namelist()}
        chosen = next(n for n in parts if re.fullmatch(name, n))
        parts[chosen] = plant(parts[chosen].decode("latin-1")).encode("latin-1")
        with zipfile.ZipFile(path, "w") as archive:
            for n, part in parts.items():
                archive.writestr(n, part)

    return edit


BODY = r"word/document\.xml"
WORD: tuple[tuple[str, str, Callable[[Path], None]], ...] = (
    (
        "a number is written over",
        "wrong number",
        edit_part(
            BODY,
            swap(
                r"(<w:hyperlink [^>]*><w:r>(?:<w:rPr>.{0,200}?</w:rPr>)?<w:t[^>]*>)\d[^<]*",
                r"\g<1>99",
            ),
        ),
    ),
    (
        "a bookmark is gone",
        "dangling link",
        edit_part(BODY, swap(r'(<w:bookmarkStart [^>]*w:name=)"[^"]+"', r'\1"gone"')),
    ),
    (
        "a sentence is changed",
        "text changed by hand",
        edit_part(BODY, swap(r"(<w:t[^>]*>)([A-Z][a-z]+ [a-z]+ [a-z]+)", r"\1Surely \2")),
    ),
    (
        "a picture is exchanged",
        "changed figure",
        edit_part(r"word/media/.*png", lambda text: text + "x"),
    ),
    (
        "a picture loses its words",
        "figure without words",
        edit_part(BODY, swap(r' descr="[^"]+"', "")),
    ),
    (
        "the title is changed",
        "changed title",
        edit_part(r"docProps/core\.xml", swap(r"(<dc:title>)", r"\1Not ")),
    ),
    (
        "the file ends early",
        "unreadable Word file",
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
    ),
    ("the body is gone", "unreadable Word file", edit_part(BODY, lambda _: "<")),
)


@pytest.mark.parametrize(("what", "kind", "plant"), WORD, ids=[case[0] for case in WORD])
def test_a_fault_in_the_word_file_is_found(
    what: str, kind: str, plant: Callable[[Path], object], tmp_path: Path, docx: Path
) -> None:
    path = tmp_path / "report.docx"
    shutil.copy(docx, path)
    plant(path)
    assert kind in kinds(path), what


def with_inline(*parts: object) -> Report:
    section = Section(
        section_id="extra",
        title="Extra",
        is_result=True,
        blocks=(Paragraph(content=content(*parts)),),  # type: ignore[arg-type]
    )
    return replace(report(), sections=(*report().sections, section))


def number(text: str, kind: NumberKind, *inputs: str, name: str = "extra.number") -> Number:
    return Number(text=text, kind=kind, number_id=name, inputs=inputs, derivation="made for a test")


def some_rows() -> tuple[Evidence, ...]:
    return tuple(row for row in report().evidence if row.number is not None)[:2]


def first(kind: NumberKind, text: str) -> Report:
    return with_inline(number(text, kind, *(row.evidence_id for row in some_rows())))


MODEL: tuple[tuple[str, Callable[[], Report]], ...] = (
    ("dangling number", lambda: with_inline(number("1", NumberKind.COMPUTED, "gone"))),
    ("number without inputs", lambda: with_inline(number("4", NumberKind.COMPUTED))),
    ("wrong number", lambda: first(NumberKind.COUNT, "17")),
    ("wrong number", lambda: first(NumberKind.SUM, "17000")),
    ("wrong number", lambda: first(NumberKind.CELL, "17000")),
    (
        "one name, two numbers",
        lambda: with_inline(
            number("1", NumberKind.COUNT, some_rows()[0].evidence_id),
            number("2", NumberKind.COUNT, *(row.evidence_id for row in some_rows())),
        ),
    ),
    ("loose number", lambda: with_inline("Of them 17 died.")),
    ("loose number", lambda: with_inline("A rate of 12.5% was seen.")),
    ("unknown citation", lambda: with_inline(Cite(record_ids=(RecordId("gone"),)))),
    ("dangling cross-reference", lambda: with_inline(CrossReference(target="table-gone"))),
    ("dangling link", lambda: with_inline(Link(text="x", href="#gone"))),
    (
        "duplicate id",
        lambda: replace(report(), sections=(*report().sections, report().sections[0])),
    ),
    (
        "duplicate evidence",
        lambda: replace(report(), evidence=(*report().evidence, report().evidence[0])),
    ),
    (
        "evidence without article",
        lambda: replace(
            report(),
            evidence=(
                *report().evidence,
                Evidence(
                    evidence_id="x",
                    label="x",
                    owner="x",
                    value=1,
                    entered_by="x",
                    record_id=RecordId("gone"),
                ),
            ),
        ),
    ),
)


@pytest.mark.parametrize(("kind", "plant"), MODEL)
def test_a_fault_in_the_document_is_found(kind: str, plant: Callable[[], Report]) -> None:
    _, faults = audit_report(plant(), facts={})
    assert kind in {fault.kind for fault in faults}


def test_years_versions_levels_and_names_are_no_results() -> None:
    text = "In 2011, version 2 gave a 95 % CI; R0 and p value of 0.05; PMID 12345, on 3 March 2012."
    _, faults = audit_report(with_inline(text), facts={})
    assert not faults
