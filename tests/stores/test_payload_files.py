from pathlib import Path

import pytest

from resartus.stores.payloads import FilePayloads, writing_whole


def test_a_file_is_kept_as_its_bytes_are(tmp_path: Path) -> None:
    source = tmp_path / "export.ris"
    source.write_bytes(b"TY  - JOUR\r\n" * 5000)
    payloads = FilePayloads(tmp_path / "payloads")
    digest = payloads.save_file(source)
    assert payloads.load(digest) == source.read_bytes()
    assert payloads.save(source.read_bytes()) == digest
    assert len(list((tmp_path / "payloads").rglob("*.gz"))) == 1


def test_a_file_that_is_not_finished_does_not_appear(tmp_path: Path) -> None:
    target = tmp_path / "out.ris"

    def torn() -> None:
        with writing_whole(target) as stream:
            stream.write(b"half")
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        torn()
    assert list(tmp_path.iterdir()) == []
