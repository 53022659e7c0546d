"""Duplicates as peers find them: one JSON on standard output. Imports nothing of ours.

Run by bench_dedup.py with an interpreter that has ``bib-dedupe`` and ``asreview``:
python dedup_peers.py PEER CSV
"""

import contextlib
import io
import json
import sys
import time
from types import SimpleNamespace

import pandas as pd


def bib_dedupe(frame):
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    # It expects these columns, and takes an empty text for missing.
    for name in ("doi", "abstract", "journal", "booktitle", "number", "search_set"):
        if name not in frame:
            frame[name] = ""
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        ready = prep(frame, verbosity_level=0, cpu=1)
        matched = match(block(ready, verbosity_level=0, cpu=1), verbosity_level=0, cpu=1)
        clusters = cluster(matched)
    return [list(map(str, c)) for c in clusters], time.perf_counter() - start


def asreview(frame):
    from asreview.data.utils import identify_record_groups

    records = [
        SimpleNamespace(record_id=row["ID"], title=row["title"], abstract=row.get("abstract", ""))
        for row in frame.to_dict("records")
    ]
    start = time.perf_counter()
    groups = {}
    for group, record in identify_record_groups(records):
        groups.setdefault(group, []).append(record)
    return [g for g in groups.values() if len(g) > 1], time.perf_counter() - start


if __name__ == "__main__":
    table = pd.read_csv(sys.argv[2], dtype=str, keep_default_na=False)
    table = table[table["ID"] != ""].reset_index(drop=True)
    found, seconds = {"bib-dedupe": bib_dedupe, "asreview": asreview}[sys.argv[1]](table)
    print(json.dumps({"clusters": found, "seconds": seconds}))
