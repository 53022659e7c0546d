"""An archive becomes a team's review in the background: begun empty, then filled all at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resartus.app.exporting import open_bundle, protocol_in
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.team.server import TeamServer
from resartus.app.team.working import JobKind, put_in_line
from resartus.domain.account import Account
from resartus.domain.job import Job, Tell
from resartus.errors import NotFoundError

__all__ = ["BRING", "begin_bringing", "bring_kind"]

BRING = "bring"


def _arrived(server: TeamServer, review_id: str) -> Path:
    return server.folder / "arriving" / f"{review_id}.zip"


def begin_bringing(server: TeamServer, archive: Path, review_id: str, *, owner: Account) -> Job:
    """Check an archive by its hashes, begin its review and put the rest in line.

    The archive is kept until its review is whole, whatever dies meanwhile.

    Raises
    ------
    ConflictError
        If the id is taken.
    DataError, StoreDamaged
        If the archive is none, was changed or cut short.
    """
    text = protocol_in(archive)
    server.begin_empty(review_id, protocol_text=text, owner=owner)
    place = _arrived(server, review_id)
    place.parent.mkdir(exist_ok=True)
    fresh = place.with_suffix(".fresh")
    shutil.copyfile(archive, fresh)
    fresh.replace(place)
    return put_in_line(server, review_id, kind=BRING, person=owner.name)


def bring_kind(server: TeamServer) -> JobKind:
    """Return the kind of job that fills a review from the archive that arrived for it."""

    def bring(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
        review_id = review.folder.name
        place = _arrived(server, review_id)
        if not place.exists():
            if review.store.last_seq():
                # Filled by an attempt that died before it could say so.
                return "the archive is in"
            raise NotFoundError("the archive is not on the server any more; bring it again")
        tell(0, 2)
        with tempfile.TemporaryDirectory() as folder:
            opened = open_bundle(place, Path(folder) / "opened", is_built=False)
            tell(1, 2)
            if not review.store.last_seq():
                with Review(opened.folder) as given:
                    server.fill_review(review_id, given)
        tell(2, 2)
        place.unlink()
        return f"{opened.records} records and {opened.events} events are in"

    return JobKind(action=Action.MANAGE, work=bring)
