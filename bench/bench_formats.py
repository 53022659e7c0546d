"""How fast citations come in, with how much memory, and how much of the real exports is read.

Run: python bench/bench_formats.py [records [formats]]. Each format is a file of (by default)
100,000 records, copied from real exports of shared/data with a number put before each title;
where the real exports of a format are few (ENW, CSL-JSON, XLSX) our own writer makes the
file. rispy reads the same RIS file and bibtexparser the first tenth of the same BibTeX file
(it keeps every block in memory), where they are installed. Every reading is a process of its
own; rates are by CPU time, which other work on the machine does not change.
"""

import csv
import gzip
import importlib.util
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.errors import ResartusError
from resartus.sources.formats.reading import open_citations, read_citations
from resartus.sources.formats.writing import write_citations

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.needs import shared_data

LIMIT_SECONDS, LIMIT_MIB = 60.0, 1000.0
FORMATS = (
    *("ris", "nbib", "pubmed-xml", "csv", "bibtex", "endnote-xml", "csl-json", "ciw", "xlsx"),
    "enw",
)
TITLES = {
    "ris": ("asysd/zotero_export.ris.gz", r"(?m)^(T[1I]  - )", r"(?m)^(?=TY  - )"),
    "bibtex": ("asysd/zotero_export.bib.gz", r"(?m)^(\s*title = \{)", r"(?m)^(?=@)"),
    "ciw": ("revtools/restoration_WoS.ciw", r"(?m)^(TI )", r"(?m)^(?=PT )"),
    "endnote-xml": ("asysd/zotero_export.xml.gz", r"(<title>)", r"(?=<record>)"),
    "nbib": ("../pubmed-edge/nbib/mesh-papers.medline.txt.gz", r"(?m)^(TI  - )", r"(?m)^(?=PMID-)"),
}


def text_of(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")


def copies(folder: Path, format: str, count: int) -> Iterator[str]:
    """Yield ``count`` records of a real export, over and over, each title with its number."""
    name, title, start = TITLES[format]
    head, *chunks = re.split(start, text_of(folder / name))
    end = "</records></xml>" if format == "endnote-xml" else ""
    if end:
        chunks[-1] = chunks[-1].partition("</records>")[0]
    yield head
    for number in range(count):
        yield re.sub(title, rf"\g<1>{number} ", chunks[number % len(chunks)], count=1)
    yield end


def write_copies(folder: Path, format: str, count: int, path: Path) -> None:
    if format in TITLES:
        with path.open("w", encoding="utf-8") as out:
            out.writelines(copies(folder, format, count))
    elif format == "csv":
        rows = list(csv.reader(io.StringIO(text_of(folder / "asysd/zotero_export.csv.gz"))))
        at = rows[0].index("Title")
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(rows[0])
            for number in range(count):
                row = list(rows[1 + number % (len(rows) - 1)])
                row[at] = f"{number} {row[at]}"
                writer.writerow(row)
    elif format == "pubmed-xml":
        write_pubmed(folder, count, path)
    else:
        real = read_citations(folder / TITLES["ris"][0]).records
        each = (real[n % len(real)] for n in range(count))
        judged = ((replace(r, title=f"{n} {r.title}"), ()) for n, r in enumerate(each))
        if format == "enw":
            write_enw(judged, path)
            return
        with path.open("wb") as out:
            write_citations(out, judged, format=format)


def write_pubmed(folder: Path, count: int, path: Path) -> None:
    whole = gzip.decompress((folder / "../pubmed-baseline/pubmed20n0014.xml.gz").read_bytes())
    head, *chunks = whole.split(b"<PubmedArticle>")
    chunks[-1] = chunks[-1].partition(b"</PubmedArticleSet>")[0]
    with path.open("wb") as out:
        out.write(head)
        for number in range(count):
            chunk = chunks[number % len(chunks)]
            # Another PMID for each round, so that no record is a newer form of an earlier one.
            turn = str(1 + number // len(chunks)).encode()
            out.write(
                b"<PubmedArticle>"
                + chunk.replace(b'<PMID Version="1">', b'<PMID Version="1">' + turn, 1)
            )
        out.write(b"</PubmedArticleSet>")


def write_enw(judged: Iterator, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        for record, _ in judged:
            out.write(f"%0 Journal Article\n%T {record.title}\n")
            out.writelines(f"%A {a.last_name}, {a.fore_name or ''}\n" for a in record.authors)
            out.write(f"%J {record.journal}\n%D {record.year}\n%R {record.doi or ''}\n")
            out.write(f"%X {' '.join((record.abstract or '').split())}\n\n")


def read_ours(path: Path) -> int:
    return sum(1 for _ in open_citations(path))


def import_ours(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "r").mkdir()
        with Review.create(Path(folder) / "r", protocol_text=TEMPLATE, person="bench") as review:
            return import_file(review, path).records


def read_rispy(path: Path) -> int:
    import rispy

    with path.open(encoding="utf-8-sig") as stream:
        return len(rispy.load(stream))


def read_bibtexparser(path: Path) -> int:
    import bibtexparser

    return len(bibtexparser.parse_file(str(path)).entries)


READERS: dict[str, Callable[[Path], int]] = {
    "read": read_ours,
    "import": import_ours,
    "rispy": read_rispy,
    "bibtexparser": read_bibtexparser,
}


def child(reader: str, path: Path) -> None:
    start = time.perf_counter()
    count = READERS[reader](path)
    seconds = time.perf_counter() - start
    used = time.process_time()
    # The process's own peak: ru_maxrss would be that of the parent before the exec.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
    print(json.dumps([count, seconds, used, peak]))


def measured(reader: str, path: Path) -> tuple[int, float, float, float] | None:
    done = subprocess.run(
        [sys.executable, __file__, "--child", reader, str(path)], capture_output=True, text=True
    )
    if done.returncode:
        print(f"  {reader} failed: {done.stderr.strip().splitlines()[-1][:90]}")
        return None
    count, seconds, used, peak = json.loads(done.stdout)
    return count, seconds, used, peak


def told(label: str, found: tuple[int, float, float, float] | None, path: Path) -> float:
    if found is None:
        return 0.0
    count, seconds, used, peak = found
    size = path.stat().st_size / 1e6
    print(
        f"  {label:24}{count:9,}{size:8.0f} MB{seconds:8.1f} s{used:8.1f} s"
        f"{count / used:10,.0f} /s{peak:8.0f} MiB"
    )
    return count / used


def speed(folder: Path, count: int, scratch: Path, formats: Sequence[str]) -> bool:
    good = True
    print(
        f"{'':26}{'records':>9}{'file':>11}{'time':>10}{'cpu':>10}{'rate by cpu':>13}{'peak':>12}"
    )
    for format in formats:
        path = scratch / f"copies.{format}"
        write_copies(folder, format, count, path)
        read = measured("read", path)
        rate = told(format, read, path)
        brought = measured("import", path)
        told("  and kept in a review", brought, path)
        good &= brought is not None and brought[1] < LIMIT_SECONDS and brought[3] < LIMIT_MIB
        peer = {"ris": "rispy", "bibtex": "bibtexparser"}.get(format)
        if peer and importlib.util.find_spec(peer):
            part = path
            if peer == "bibtexparser":
                part = scratch / "part.bib"
                write_copies(folder, format, max(count // 10, 1), part)
            theirs = told(f"  {peer}", measured(peer, part), part)
            if theirs:
                print(f"    ours to {peer}: {rate / theirs:.1f} times the records a second of CPU")
        path.unlink()
    print(
        f"limit for each, kept in a review: {LIMIT_SECONDS:.0f} s, {LIMIT_MIB:.0f} MiB at 100,000"
    )
    return good


def coverage(folder: Path) -> None:
    """Say how much of the real exports is read, by us and by peers of RIS and BibTeX."""
    tally: dict[str, list[int]] = {}
    theirs: dict[str, list[int]] = {"ris": [0, 0], "bibtex": [0, 0]}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == "SOURCE.txt":
            continue
        try:
            result = read_citations(path)
        except ResartusError as error:
            print(f"  {path.name}: {error}")
            continue
        row = tally.setdefault(result.format, [0, 0, 0])
        row[0] += 1
        row[1] += len(result.records)
        row[2] += len(result.unread)
        peer = {"ris": "rispy", "bibtex": "bibtexparser"}.get(result.format)
        if peer and importlib.util.find_spec(peer):
            with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as plain:
                plain.write(text_of(path))
                plain.flush()
                try:
                    count = READERS[peer](Path(plain.name))
                except Exception as error:  # noqa: BLE001 - a peer may stop in any way
                    print(
                        f"  {peer} stops at {path.name}: {type(error).__name__} {str(error)[:60]}"
                    )
                    continue
            theirs[result.format][0] += 1
            theirs[result.format][1] += count
            if count != len(result.records):
                print(f"  {path.name}: {peer} {count} records, ours {len(result.records)}")
    print(f"{'':14}{'files':>7}{'records':>9}{'lines unread':>14}{'peer':>24}")
    for format, (files, records, unread) in sorted(tally.items()):
        peer = theirs.get(format)
        said = f"{peer[0]} files, {peer[1]} records" if peer and peer[0] else ""
        print(f"  {format:12}{files:7}{records:9,}{unread:14}{said:>24}")
    files, records = (sum(row[i] for row in tally.values()) for i in (0, 1))
    print(f"  {'together':12}{files:7}{records:9,}")


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
        return 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = shared_data() / "reference-exports"
    coverage(folder)
    print()
    with tempfile.TemporaryDirectory() as scratch:
        return 0 if speed(folder, count, Path(scratch), sys.argv[2:] or FORMATS) else 1


if __name__ == "__main__":
    sys.exit(main())
