"""Fit the weights of ``resartus.dedup`` and say how well they carry over to a set left out.

Run: python bench/fit_dedup.py [--write]. Needs scikit-learn; the program itself does not.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import dedup_gold
import dedup_noise
from resartus.dedup.blocking import candidate_pairs
from resartus.dedup.citation import normalise
from resartus.dedup.comparing import compare
from resartus.dedup.score import is_contradicted

TARGET = Path(__file__).parents[1] / "src" / "resartus" / "dedup" / "model.json"
N_NOISY, NOISY_WEIGHT, PENALTY = 12_000, 0.3, 1.0
# Chosen once on the tables below, for all sets alike.
ASK_FROM, SAME_FROM = 0.15, 0.60
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

    @property
    def fits(self) -> np.ndarray:
        """Pairs to learn from: not those that the form of report already tells apart."""
        return np.array(["form different" not in levels for levels in self.levels])


def pairs_of(name, records, gold, weight=1.0) -> Pairs:
    citations = [normalise(record) for record in records]
    places = candidate_pairs(citations)
    levels = [compare(citations[i], citations[j]).levels for i, j in places.tolist()]
    ids = [c.record_id for c in citations]
    same = [tuple(sorted((ids[i], ids[j]))) in gold for i, j in places.tolist()]
    return Pairs(name, len(ids), len(gold), places, levels, np.array(same), weight)


def matrix(levels, names):
    at = {name: i for i, name in enumerate(names)}
    held = np.zeros((len(levels), len(names)))
    for row, mine in enumerate(levels):
        held[row, [at[level] for level in mine if level in at]] = 1
    return held


def fit(sets, names):
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
        for ask, same_from in ((0.1, 0.9), (0.2, 0.8), (0.15, 0.7), (0.3, 0.6), (0.35, 0.5)):
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
            "how": f"logistic regression, L2 penalty C={PENALTY}; pairs that share a blocking key",
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
