"""Both writers: whole, offline, the same bytes twice, and nothing dangling."""

import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from tests.reporting.sample import sample_report

from resartus.errors import DataError
from resartus.reporting.document import Number, Paragraph, Report, Section, content
from resartus.reporting.document import NumberKind as Kind
from resartus.reporting.html import render_html
from resartus.reporting.soundness import find_faults
from resartus.reporting.word import render_docx


@cache
def report() -> Report:
    return sample_report()


def with_paragraph(*parts: object) -> Report:
    section = Section(
        section_id="extra", title="Extra", blocks=(Paragraph(content=content(*parts)),)
    )
    return replace(report(), sections=(*report().sections, section))


def test_the_sample_has_no_fault() -> None:
    assert find_faults(report()) == ()


def test_the_page_asks_nothing_of_a_network_and_runs_no_script() -> None:
    page = render_html(report())
    assert "<script" not in page
    assert not re.search(r'(?:src|@import|url\()\s*=?\s*["\']?https?:', page)
    assert "<link" not in page


def test_every_link_inside_the_page_has_its_end() -> None:
    page = render_html(report())
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids) | {"content"}


def test_the_page_is_well_formed() -> None:
    page = render_html(report()).replace("<!DOCTYPE html>", "")
    page = re.sub(r"<(meta|col|br)\b([^>]*)>", r"<\1\2/>", page)
    etree.fromstring(page.encode())


def test_two_pages_and_two_documents_are_byte_equal(tmp_path: Path) -> None:
    again = sample_report()
    assert render_html(report()) == render_html(again)
    first, second = tmp_path / "a.docx", tmp_path / "b.docx"
    render_docx(report(), first)
    render_docx(again, second)
    assert first.read_bytes() == second.read_bytes()


def test_every_link_inside_the_document_has_its_bookmark(tmp_path: Path) -> None:
    path = tmp_path / "r.docx"
    render_docx(report(), path)
    xml = zipfile.ZipFile(path).read("word/document.xml").decode()
    names = re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', xml)
    assert len(names) == len(set(names))
    assert all(len(name) <= 40 for name in names)
    assert set(re.findall(r'w:anchor="([^"]+)"', xml)) <= set(names)


def test_the_document_has_real_headings_captions_and_repeated_table_heads(tmp_path: Path) -> None:
    import docx

    path = tmp_path / "r.docx"
    render_docx(report(), path)
    document = docx.Document(str(path))
    styles = [p.style.name for p in document.paragraphs]
    assert {"Title", "Heading 1", "Heading 2", "Caption", "Reference"} <= set(styles)
    assert sum(bool(t._tbl.xpath(".//w:tblHeader")) for t in document.tables) == 3
    assert len(document.inline_shapes) == 4
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)


def test_a_sheet_is_set_smaller_and_closer_than_a_report(tmp_path: Path) -> None:
    import docx

    sizes = {}
    for name, report in (("report", sample_report()), ("sheet", None)):
        path = tmp_path / f"{name}.docx"
        render_docx(report or replace(sample_report(), is_compact=True), path)
        document = docx.Document(str(path))
        normal = document.styles["Normal"]
        sizes[name] = (
            normal.font.size.pt,
            normal.paragraph_format.space_after.pt,
            document.sections[0].left_margin.cm,
        )
    assert all(small < large for small, large in zip(sizes["sheet"], sizes["report"], strict=True))


def test_each_number_stands_in_the_appendix_with_its_cells() -> None:
    page = render_html(report())
    assert 'id="n-mortality.pooled"' in page
    assert 'href="#e-kamel2011~2fdeaths"' in page
    assert "0% of 52 = 0" in page


def test_a_number_that_rests_on_nothing_known_is_refused() -> None:
    number = Number(text="7", kind=Kind.SUM, number_id="x", inputs=("nobody/field",))
    with pytest.raises(DataError, match="nobody/field"):
        render_html(with_paragraph(number))


def test_a_number_that_disagrees_with_its_cell_is_refused() -> None:
    number = Number(text="53", kind=Kind.CELL, inputs=("kamel2011/n_liver",))
    with pytest.raises(DataError, match=r"'53'.*'52'"):
        render_html(with_paragraph(number))


def test_words_are_escaped() -> None:
    assert "<b>&" not in render_html(with_paragraph("<b>& more"))


def test_reporting_does_not_load_matplotlib_before_it_draws() -> None:
    code = (
        "import sys, resartus.reporting.html, resartus.reporting.word, "
        "resartus.reporting.figures.prisma_flow, resartus.reporting.figures.forest, "
        "resartus.reporting.figures.kaplan_meier; "
        "assert not {'matplotlib', 'docx', 'numpy'} & set(sys.modules), 'too early'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
