"""PubMed XML as an import: record by record, with what NLM says to delete told to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resartus.domain.record import Record
from resartus.sources.formats.encoding import TextLines, file_hash
from resartus.sources.formats.readers.pubmed_payloads import Problem, iterate_payloads
from resartus.sources.formats.readers.pubmed_xml import batches_of, parse_payloads
from resartus.sources.formats.values.collector import Collector

__all__ = ["read_pubmed"]


def read_pubmed(lines: TextLines, into: Collector) -> Iterator[Record]:
    """Read PubMed's records; what could not be read is named by its number in the file.

    A PMID that comes again is a later form of the same record: a store keeps
    it as a newer version.
    """
    name, raw_hash = lines.path.name, file_hash(lines.path)
    problems: list[Problem] = []
    seen: Counter[str] = Counter()
    for batch in batches_of(iterate_payloads(lines.path, problems.append)):
        parsed = parse_payloads(batch, file=name, raw_hash=raw_hash)
        seen.update(record.record_id for record in parsed.records)
        yield from parsed.records
        problems.extend(parsed.problems)
        for pmid in parsed.deleted:
            into.refuse(0, f"PMID {pmid}", "NLM deleted this record")
    for problem in problems:
        into.refuse(problem.number or 0, str(problem), "not readable")
    for record_id, count in seen.items():
        if count > 1:
            into.refuse(0, record_id, f"comes {count} times; the last is the current one")
