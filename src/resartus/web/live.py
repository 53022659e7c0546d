"""Server-sent events: a page that is open follows what colleagues do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from resartus.domain.decision import Stage
from resartus.web.view import Visit, visit_of

__all__ = ["ROUTES"]

_SECONDS = 1.0
# Then the browser connects again, and whether it still may is asked anew.
_TURNS = 300


def _progress(visit: Visit) -> dict[str, dict[str, int]]:
    with visit.desk.review(visit.person):
        found = {stage: visit.desk.queue.progress(stage) for stage in Stage}
    return {
        stage.value: {
            "total": p.total,
            "decided": p.decided,
            "included": p.included,
            "excluded": p.excluded,
            "conflicts": p.conflicts,
        }
        for stage, p in found.items()
    }


async def _events(request: Request) -> StreamingResponse:
    visit = visit_of(request)

    async def stream() -> AsyncIterator[str]:
        seen = -1
        for _ in range(_TURNS):
            if await request.is_disconnected():
                return
            last = await run_in_threadpool(visit.desk.last_seq)
            if last != seen:
                seen = last
                progress = await run_in_threadpool(_progress, visit)
                yield f"id: {last}\nevent: progress\ndata: {json.dumps(progress)}\n\n"
            await asyncio.sleep(_SECONDS)

    return StreamingResponse(stream(), media_type="text/event-stream")


ROUTES = [Route("/live", _events)]
