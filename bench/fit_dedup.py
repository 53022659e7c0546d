"""Fit the weights of ``resartus.dedup`` and say how well they carry over to a set left out.

Run: python bench/fit_dedup.py [--write]. Needs scikit-learn; the program itself does not.
"""

import json
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import dedup_gold
import dedup_noise
from resartus.dedup.blocking import candidate_pairs
from resartus.dedup.citation import normalise
from resartus.dedup.comparing import compare
from resartus.dedup.corpus import seen_together
from resartus.dedup.score import is_contradicted, is_refuted

TARGET = Path(__file__).parents[1] / "src" / "resartus" / "dedup" / "model.json"
N_NOISY, NOISY_WEIGHT, THINNED_WEIGHT, PENALTY = 12_000, 0.3, 0.3, 1.0
# Chosen once on the tables below, for all sets alike.
ASK_FROM, SAME_FROM = 0.05, 0.50
VERSION = "2026-11"


@dataclass
class Pairs:
    name: str
    n_records: int
    n_gold: int
    places: np.ndarray
    levels: list[tuple[str, ...]]
    same: np.ndarray
    weight: float
    thinned: "Pairs | None" = None

    @property
    def fits(self) -> np.ndarray:
        """Pairs to learn from: not those that are told apart before they are weighed."""
        return np.array([not is_refuted(levels) for levels in self.levels])


def pairs_of(name, records, gold, weight=1.0) -> Pairs:
    citations = seen_together([normalise(record) for record in records])
    places = candidate_pairs(citations)
    levels = [compare(citations[i], citations[j]).levels for i, j in places.tolist()]
    ids = [c.record_id for c in citations]
    same = [tuple(sorted((ids[i], ids[j]))) in gold for i, j in places.tolist()]
    whole = Pairs(name, len(ids), len(gold), places, levels, np.array(same), weight)
    return replace(whole, thinned=thinned(whole, citations, random.Random(4)))


# What one database knows and the next does not.
LOSSES = (
    {"surnames": "", "given": "", "first": ""},
    {"journals": (), "issn": ()},
    {"volume": None, "issue": None},
    {"first_page": None, "last_page": None},
    {"year": None},
    {"doi": None, "pmid": None},
    {"sketch": None},
)


def thinned(s, citations, rng) -> Pairs:
    """Return the same pairs again, of each one record without some of its fields.

    Each set lacks fields of its own (four of five have neither DOI nor abstract), and weights
    fitted on whole records ask or link too much where there is less to go by.
    """
    levels = []
    for i, j in s.places.tolist():
        lost = {}
        for loss in rng.sample(LOSSES, rng.randrange(1, 4)):
            lost |= loss
        levels.append(compare(replace(citations[i], **lost), citations[j]).levels)
    return replace(s, levels=levels, weight=s.weight * THINNED_WEIGHT)


def matrix(levels, names):
    at = {name: i for i, name in enumerate(names)}
    held = np.zeros((len(levels), len(names)))
    for row, mine in enumerate(levels):
        held[row, [at[level] for level in mine if level in at]] = 1
    return held


def fit(sets, names):
    sets = [part for s in sets for part in (s, s.thinned) if part is not None]
    model = LogisticRegression(C=PENALTY, max_iter=5000)
    return model.fit(
        np.vstack([matrix(s.levels, names)[s.fits] for s in sets]),
        np.concatenate([s.same[s.fits] for s in sets]),
        sample_weight=np.concatenate([np.full(s.fits.sum(), s.weight) for s in sets]),
    )


def judge(pairs, probability, ask=ASK_FROM, same_from=SAME_FROM):
    """Count right links, links, right links or questions, gold pairs, records asked, records."""
    probability = np.where(pairs.fits, probability, 0.0)
    against = np.array([is_contradicted(levels) for levels in pairs.levels])
    linked = (probability >= same_from) & ~against
    asked = (probability >= ask) & ~linked
    return np.array([
        (linked & pairs.same).sum(), linked.sum(), ((linked | asked) & pairs.same).sum(),
        pairs.n_gold, len(set(pairs.places[asked].ravel().tolist())), pairs.n_records,
    ])  # fmt: skip


def line(name, c):
    print(f"{name:30}{c[0] / c[3]:10.4f}{c[0] / c[1]:10.4f}{c[2] / c[3]:12.4f}{c[4] / c[5]:9.2%}")


def main() -> None:
    sets = [
        pairs_of(gold.name, gold.records, gold.pairs())
        for gold in map(dedup_gold.load, dedup_gold.DEVELOPMENT)
    ]
    records, gold = dedup_noise.noisy_set(dedup_gold.shared_data(), n=N_NOISY)
    sets.append(pairs_of("PubMed, noisy copies", records, gold, NOISY_WEIGHT))
    names = sorted({level for s in sets for levels in s.levels for level in levels})
    # These decide by themselves (see score.py) and carry no weight.
    names = [name for name in names if name not in ("form different", "doi of another version")]
    print(f"{'':30}{'linked':>10}{'precision':>10}{'with asked':>12}{'asked':>9}")
    tables = {}
    for title, leave_out in (("left out of the fit", True), ("in the fit", False)):
        predicted = []
        for s in sets:
            model = fit([t for t in sets if not (leave_out and t is s)], names)
            predicted.append(model.predict_proba(matrix(s.levels, names))[:, 1])
        print(title)
        for s, p in zip(sets, predicted, strict=True):
            line(s.name, judge(s, p))
        tables[title] = list(zip(sets[:-1], predicted[:-1], strict=True))
        line("development sets together", sum(judge(s, p) for s, p in tables[title]))
    for title, table in tables.items():
        for ask, same_from in (
            (0.03, 0.6),
            (0.05, 0.6),
            (0.05, 0.5),
            (0.08, 0.5),
            (0.1, 0.5),
            (0.1, 0.7),
            (0.1, 0.9),
            (0.2, 0.4),
            (0.3, 0.6),
        ):
            line(
                f"{title[:12]} {ask} {same_from}",
                sum(judge(s, p, ask, same_from) for s, p in table),
            )
    plain = {
        "version": VERSION,
        "intercept": round(float(model.intercept_[0]), 3),
        "weights": {n: round(float(w), 3) for n, w in zip(names, model.coef_[0], strict=True)},
        "ask_from": ASK_FROM,
        "same_from": SAME_FROM,
        "fitted_on": {
            "how": f"logistic regression, L2 penalty C={PENALTY}; pairs that share a key and pass "
            "the sieve, whole and again without some fields",
            "by": "bench/fit_dedup.py",
            "sets": [
                {"name": s.name, "pairs": int(s.fits.sum()), "same": int(s.same[s.fits].sum()),
                 "weight": s.weight}
                for s in sets
            ],
        },
    }  # fmt: skip
    print(json.dumps(plain["weights"], indent=0))
    if "--write" in sys.argv:
        TARGET.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
