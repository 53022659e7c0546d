"""Words near each other, in any order, with few words between neighbours."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["are_near"]


def are_near(run: Sequence[str], wanted: Sequence[str], distance: int) -> bool:
    """Say whether all words stand in a run with at most ``distance`` words between neighbours.

    PubMed documents N as the most words "between each term"
    (https://pubmed.ncbi.nlm.nih.gov/help/#proximity-searching); with three
    words or more that is taken for each pair of neighbours.
    """
    bits = {word: 1 << index for index, word in enumerate(dict.fromkeys(wanted))}
    everything = (1 << len(bits)) - 1
    # For each place of a wanted word: the sets of words that a chain ending there can hold.
    chains: list[tuple[int, set[int]]] = []
    for place, word in enumerate(run):
        bit = bits.get(word)
        if bit is None:
            continue
        reached = {bit}
        for earlier, masks in reversed(chains):
            if place - earlier > distance + 1:
                break
            reached.update(mask | bit for mask in masks if not mask & bit)
        if everything in reached:
            return True
        chains.append((place, reached))
    return False
