from pathlib import Path

import pytest

from resartus.app.pubmed.mesh import load_mesh
from resartus.errors import NotFoundError, ParseError
from resartus.search.mapping.bundled import load_vocabulary
from resartus.sources.formats.readers.mesh import read_mesh

XML = """<?xml version="1.0"?><!DOCTYPE DescriptorRecordSet SYSTEM "desc2026.dtd">
<DescriptorRecordSet><DescriptorRecord DescriptorClass="1"><DescriptorUI>D000001</DescriptorUI>
<DescriptorName><String>Calcimycin</String></DescriptorName><PharmacologicalActionList>
<PharmacologicalAction><DescriptorReferredTo><DescriptorUI>D061207</DescriptorUI><DescriptorName>
<String>Calcium Ionophores</String></DescriptorName></DescriptorReferredTo></PharmacologicalAction>
</PharmacologicalActionList><TreeNumberList><TreeNumber>D03.1</TreeNumber></TreeNumberList>
<ConceptList><Concept><TermList><Term><String>A-23187</String></Term></TermList></Concept></ConceptList>
</DescriptorRecord><DescriptorRecord><DescriptorUI>D061207</DescriptorUI><DescriptorName>
<String>Calcium Ionophores</String></DescriptorName><TreeNumberList><TreeNumber>D27.1</TreeNumber>
</TreeNumberList></DescriptorRecord></DescriptorRecordSet>"""
ASCII = """*NEWRECORD
RECTYPE = D
MH = Calcimycin
MN = D03.1
ENTRY = A-23187|T109|T195|LAB|NRW|NLM (1991)
PA = Calcium Ionophores
UI = D000001

*NEWRECORD
RECTYPE = D
MH = Calcium Ionophores
MN = D27.1
UI = D061207
"""


@pytest.mark.parametrize(("name", "text"), [("desc2026.xml", XML), ("d2026.bin", ASCII)])
def test_both_forms_of_nlm_give_the_same_headings(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    loaded = load_mesh([path], tmp_path / "pm")
    assert (loaded.descriptors, loaded.qualifiers) == (2, 84)
    vocabulary = load_vocabulary(loaded.file)
    assert vocabulary.find("a 23187") == ("D000001",)
    assert vocabulary.acting("D061207") == {"D000001"}
    assert vocabulary.explode("D000001") == {"D000001"}
    assert "drug therapy" in vocabulary.explode_qualifier("therapy")


def test_a_torn_file_is_named_and_the_table_stays(shared_data: Path, tmp_path: Path) -> None:
    # Cut off in its third record.
    torn = shared_data / "mesh" / "mesh2015-dhimmel" / "desc2015_subset.xml"
    with pytest.raises(ParseError, match=r"desc2015_subset.xml is damaged after 2 concepts"):
        load_mesh([torn], tmp_path)
    assert not (tmp_path / "mesh.table").exists()


def test_what_is_no_mesh_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n")
    with pytest.raises(ParseError, match="holds no MeSH"):
        read_mesh([path])
    with pytest.raises(NotFoundError):
        read_mesh([tmp_path / "none.xml"])


def test_nlms_real_files_are_read_whole(shared_data: Path) -> None:
    folder = shared_data / "mesh" / "mesh2014"
    mesh = read_mesh([folder / "q2014.bin.gz", folder / "mtrees2014.bin.gz"])
    assert len(mesh.qualifiers) == 83
    assert {q.code for q in mesh.qualifiers} >= {"DT", "SU", "SC"}
