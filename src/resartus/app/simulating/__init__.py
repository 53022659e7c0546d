"""Play finished reviews again, and measure how soon a ranking would have found what they found."""

from resartus.app.simulating.files import load_labelled, simulate_file
from resartus.app.simulating.peer import Peer, find_peer
from resartus.app.simulating.runs import (
    Labelled,
    SimulatedRun,
    mean_quality,
    processors,
    recall_figure,
)

__all__ = [
    "Labelled",
    "Peer",
    "SimulatedRun",
    "find_peer",
    "load_labelled",
    "mean_quality",
    "processors",
    "recall_figure",
    "simulate_file",
]
