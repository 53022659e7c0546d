"""How well and how fast duplicates are found, beside exact titles, bib-dedupe and asreview.

Run: python bench/bench_dedup.py [--scale N ...]

Gold sets first; the peers are measured in the same run when an interpreter has them: this one,
or the one named by PEERS_PYTHON. With --scale, generated records instead: spliced from
real citations, two in seven of them noisy copies; one process for each size, for its memory.
"""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import dedup_gold
import dedup_noise
from resartus.dedup.finding import find_duplicates
from resartus.dedup.words import title_words
from resartus.domain.ids import RecordId
from resartus.sources.formats.reading import read_citations

HERE = Path(__file__).parent
LIMIT_MINUTES, LIMIT_GB = 15.0, 4.0
# bib-dedupe takes minutes a set: name the peers to run, or leave them out, with PEERS=asreview.
PEERS = [peer for peer in os.environ.get("PEERS", "asreview,bib-dedupe").split(",") if peer]


def pairs_of(clusters):
    return {pair for c in clusters for pair in combinations(sorted(c), 2)}


def groups_of(pairs):
    """Join pairs into groups, however long the chain."""
    parent = {}

    def top(x):
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for a, b in pairs:
        parent[top(a)] = top(b)
    groups = {}
    for x in list(parent):
        groups.setdefault(top(x), []).append(x)
    return list(groups.values())


def without_columns(gold):
    """Return the set without titles that more than ten records share: "Editorial" and the like."""
    title = {r.record_id: " ".join(title_words(r.title or "")) for r in gold.records}
    times = Counter(title.values())
    kept = {record_id for record_id, words in title.items() if times[words] <= 10}
    clusters = [[r for r in c if r in kept] for c in gold.clusters]
    return dedup_gold.GoldSet(
        f"{gold.name}, no columns",
        [row for row in gold.rows if row["ID"] in kept],
        [r for r in gold.records if r.record_id in kept],
        [c for c in clusters if len(c) > 1],
    )


def ours(gold):
    start = time.perf_counter()
    found = find_duplicates(gold.records)
    seconds = time.perf_counter() - start
    clusters = groups_of((link.record_id, link.same_as) for link in found.links)
    asked = [tuple(sorted((q.record_id, q.other_id))) for q in found.questions]
    return clusters, asked, seconds


def exact_title(gold):
    start = time.perf_counter()
    groups = {}
    for record in gold.records:
        if record.title:
            groups.setdefault(" ".join(title_words(record.title)), []).append(record.record_id)
    return [g for g in groups.values() if len(g) > 1], time.perf_counter() - start


def peer(name, gold):
    python = os.environ.get("PEERS_PYTHON", sys.executable)
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, gold.rows[0])
        writer.writeheader()
        writer.writerows(gold.rows)
        table.flush()
        done = subprocess.run(
            [python, HERE / "dedup_peers.py", name, table.name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        return None
    plain = json.loads(done.stdout.splitlines()[-1])
    return plain["clusters"], plain["seconds"]


def figures(clusters, gold):
    """Count pairs and records: found and right, found, to be found."""
    pairs, same = pairs_of(clusters), pairs_of(gold.clusters)
    # A record counts as found when it would drop out of view and rightly does.
    right_groups = {r: i for i, c in enumerate(gold.clusters) for r in c}
    dropped = sum(len(c) - 1 for c in clusters)
    right = sum(len(c) - len({right_groups.get(r, r) for r in c}) for c in clusters)
    surplus = sum(len(c) - 1 for c in gold.clusters)
    return [len(pairs & same), len(pairs), len(same), right, dropped, surplus]


def row(name, method, f, asked=None, seconds=None):
    share = "" if asked is None else f"{asked:8.2%}"
    took = "" if seconds is None else f"{seconds:8.1f} s"
    print(
        f"{name:26}{method:18}{f[0] / f[2]:8.4f}{f[0] / max(1, f[1]):10.4f}"
        f"{f[3] / f[5]:10.4f}{f[3] / max(1, f[4]):10.4f}{share:>9}{took:>11}",
        flush=True,
    )


def gold_sets():
    print(
        f"{'':44}{'pairs':>8}{'pairs':>10}{'records':>10}{'records':>10}{'records':>9}\n"
        f"{'set':26}{'method':18}{'sens.':>8}{'precision':>10}{'sens.':>10}{'precision':>10}"
        f"{'asked':>9}{'time':>11}"
    )
    total = {}

    def keep(name, method, clusters, gold, asked=None, seconds=None, n=0):
        f = figures(clusters, gold)
        row(name, method, f, asked / n if asked is not None else None, seconds)
        if name in dedup_gold.DEVELOPMENT:
            sums = total.setdefault(method, [[0] * 6, 0, 0.0, 0])
            sums[0] = [a + b for a, b in zip(sums[0], f, strict=True)]
            sums[1:] = [sums[1] + (asked or 0), sums[2] + (seconds or 0), sums[3] + n]

    sets = [dedup_gold.load(name) for name in (*dedup_gold.DEVELOPMENT, *dedup_gold.HARD)]
    for gold in [*sets, without_columns(sets[dedup_gold.DEVELOPMENT.index("digital_work")])]:
        name, n = gold.name, len(gold.records)
        clusters, asked, seconds = ours(gold)
        n_asked = len({r for pair in asked for r in pair})
        keep(name, "resartus, linked", clusters, gold, n_asked, seconds, n)
        answered = pairs_of(clusters) | (set(asked) & gold.pairs())
        keep(name, "  + asked", groups_of(answered), gold, n_asked, seconds, n)
        clusters, seconds = exact_title(gold)
        keep(name, "exact title", clusters, gold, None, seconds, n)
        for method in PEERS:
            result = peer(method, gold)
            if result is not None:
                keep(name, method, result[0], gold, None, result[1], n)
    for method, (f, asked, seconds, n) in total.items():
        row(
            "DEVELOPMENT SETS",
            method,
            f,
            asked / n if "resartus" in method or "+" in method else None,
            seconds,
        )


def two_databases():
    """Print how an export of Web of Science and one of PubMed, neither used in fitting, are joined.

    DOIs and PMIDs are hidden from the program and are the key: records with one DOI are one report.
    """
    folder = dedup_gold.shared_data() / "reference-exports" / "asysd"
    key, records = {}, []
    for name in ("zotero_export.ris.gz", "zotero_export.csv.gz"):
        for at, record in enumerate(read_citations(folder / name).records):
            record_id = RecordId(f"{name}/{at}")
            key[record_id] = record.doi and record.doi.lower()
            hidden = {"doi": None, "pmid": None, "url": None, "fields": ()}
            records.append(replace(record, record_id=record_id, source=name, **hidden))
    by_doi = {}
    for record_id, doi in key.items():
        by_doi.setdefault(doi, []).append(record_id)
    by_doi.pop(None)
    same = pairs_of(by_doi.values())
    found = find_duplicates(records)
    linked = pairs_of(groups_of((link.record_id, link.same_as) for link in found.links))
    judged = {pair for pair in linked if all(key[r] for r in pair)}
    asked = len({r for q in found.questions for r in (q.record_id, q.other_id)})
    print(
        f"two databases, DOIs hidden: {len(records):,} records, {len(same)} pairs with one DOI, "
        f"sensitivity {len(linked & same) / len(same):.4f}, precision {len(judged & same)} of "
        f"{len(judged)} pairs in which both have a DOI, asked {asked / len(records):.2%}"
    )
    for a, b in sorted(judged - same):
        print(f"  linked with two DOIs: {key[a]} {key[b]}")


def title_chain(titles):
    """Return which words follow each word in real titles; ``None`` begins and ends a title."""
    following = {}
    for title in titles:
        words = [None, *title.split(), None]
        for word, after in pairwise(words):
            following.setdefault(word, []).append(after)
    return following


def generated(n, seed=4):
    """Yield ``n`` records spliced field by field from real ones, with noisy copies.

    A title is a walk in which each word follows the one before it in some real title: openings
    and endings repeat as often as in life and whole titles hardly do. Authors, journal, volume
    with issue, pages, and abstract are each of another real citation.
    """
    rng = random.Random(seed)
    pool = [
        replace(r, fields=(), mesh=(), keywords=())
        for r in dedup_noise.pubmed_records(dedup_gold.shared_data())
        if r.title and r.authors and r.pages
    ]
    following = title_chain(r.title for r in pool)
    made = number = 0
    while made < n:
        words = []
        while (word := rng.choice(following[words[-1] if words else None])) is not None:
            words.append(word)
        if not 4 <= len(words) <= 40:
            continue
        text, people, journal, place, pages = (rng.choice(pool) for _ in range(5))
        number += 1
        base = replace(
            text,
            record_id=RecordId(f"g{number}"),
            pmid=None,
            doi=f"10.5555/{number}" if rng.random() < 0.7 else None,
            title=" ".join(words),
            vernacular_title=None,
            authors=people.authors,
            journal=journal.journal,
            journal_abbreviation=journal.journal_abbreviation,
            issn=journal.issn,
            year=rng.randrange(1980, 2026),
            volume=place.volume,
            issue=place.issue,
            pages=pages.pages,
        )
        yield base
        made += 1
        for copy in range(rng.choice((0, 0, 0, 1, 1))):
            if made < n:
                yield dedup_noise.copy_of(base, f"g{number}/{copy}", rng)
                made += 1


def scale(n):
    ids, generating = [], 0.0

    def counted():
        nonlocal generating
        source = generated(n)
        while True:
            begun = time.process_time()
            record = next(source, None)
            generating += time.process_time() - begun
            if record is None:
                return
            ids.append(str(record.record_id))
            yield record

    start, begun = time.perf_counter(), time.process_time()
    found = find_duplicates(counted())
    seconds = time.perf_counter() - start
    working = time.process_time() - begun - generating
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    group = {}
    for record_id in ids:
        group.setdefault(record_id.split("/")[0], []).append(record_id)
    true = pairs_of(group.values())
    linked = pairs_of(groups_of((link.record_id, link.same_as) for link in found.links))
    asked = len({r for q in found.questions for r in (q.record_id, q.other_id)})
    print(
        f"{n:10,} records: {working:7.1f} s of processor time, {seconds:7.1f} s on the clock with "
        f"{generating:.1f} s of processor time to generate them, "
        f"{memory:5.2f} GB, {found.n_compared / n:.2f} pairs a record, "
        f"sensitivity {len(linked & true) / len(true):.4f}, "
        f"precision {len(linked & true) / len(linked):.4f}, asked {asked / n:.2%}; "
        f"limit at a million: {LIMIT_MINUTES:.0f} min, {LIMIT_GB:.0f} GB",
        flush=True,
    )


if __name__ == "__main__":
    sizes = [int(a) for a in sys.argv[1:] if a.isdigit()]
    if len(sizes) == 1 and "--scale" in sys.argv:
        scale(sizes[0])
    elif sizes:
        for size in sizes:
            subprocess.run([sys.executable, __file__, "--scale", str(size)], check=True)
    else:
        gold_sets()
        two_databases()
