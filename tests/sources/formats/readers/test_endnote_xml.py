from pathlib import Path

from resartus.sources.formats.reading import read_citations
from resartus.sources.formats.result import ImportResult

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
GOOD = (
    '<record><ref-type name="Journal Article">17</ref-type><titles><title>'
    '<style face="bold">Liver</style><style> metastases</style></title></titles>'
    "<remote-database-name>PubMed</remote-database-name>"
    "<accession-num>21452068</accession-num></record>\n"
)


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> ImportResult:
    path = tmp_path / "library.xml"
    path.write_bytes(text.encode(encoding))
    return read_citations(path)


def test_styles_inside_a_value_are_one_text(tmp_path: Path) -> None:
    (record,) = read(tmp_path, HEAD + GOOD + "</records></xml>").records
    assert record.title == "Liver metastases"
    assert record.pmid == 21452068


def test_a_broken_record_harms_no_other_and_is_told_by_line(tmp_path: Path) -> None:
    broken = "<record><titles><title>Half & more</titles></record>\n"
    result = read(
        tmp_path, HEAD + GOOD + broken + GOOD.replace("21452068", "1") + "</records></xml>"
    )
    assert [r.pmid for r in result.records if r.pmid] == [21452068, 1]
    assert {u.line for u in result.unread} == {4}


def test_a_record_that_never_closes_ends_at_the_next(tmp_path: Path) -> None:
    torn = "<record><titles><title>Torn</title>\n"
    result = read(tmp_path, HEAD + torn + GOOD + "</records></xml>")
    assert [r.title for r in result.records] == ["Torn", "Liver metastases"]
    assert any(u.reason == "a record that is not closed" for u in result.unread)


def test_utf_16_and_latin_1_are_read(tmp_path: Path) -> None:
    text = HEAD + GOOD.replace("metastases", "métastases") + "</records></xml>"
    for encoding, declared in (("utf-16", "UTF-16"), ("latin-1", "ISO-8859-1")):
        (record,) = read(tmp_path, text.replace("UTF-8", declared), encoding).records
        assert record.title == "Liver métastases"


def test_entities_of_the_file_reach_for_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    bad = f'<!DOCTYPE xml [<!ENTITY x SYSTEM "file://{secret}">]>\n'
    record = GOOD.replace("Liver", "Liver &x;")
    result = read(
        tmp_path, '<?xml version="1.0"?>\n' + bad + f"<xml><records>{record}</records></xml>"
    )
    assert all("secret" not in (r.title or "") for r in result.records)
