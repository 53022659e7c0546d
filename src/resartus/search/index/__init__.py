"""Where records lie so that a plan is answered fast: one port, one engine on this machine."""

from resartus.search.index.port import Corpus, Index, LoadedFile, StoredRecord

__all__ = ["Corpus", "Index", "LoadedFile", "StoredRecord"]
