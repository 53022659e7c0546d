"""The API keeps to its own description, whatever is sent (schemathesis)."""

import warnings

from hypothesis import HealthCheck, Phase, settings
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from tests import needs
from tests.api.conftest import Program

from resartus.api.app import PREFIX, api_routes
from resartus.api.endpoints import ENDPOINTS
from resartus.api.gate import Guest, TeamGate
from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.web.app import failed

needs.module("schemathesis")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        ignored_auth,
        response_schema_conformance,
        status_code_conformance,
        unsupported_method,
    )


class Late:
    """A gate that gets its server once the tests run; the description needs none."""

    gate: TeamGate | None = None

    def admit(self, key: str) -> Guest | None:
        assert self.gate is not None
        return self.gate.admit(key)


late = Late()
# The API alone: what stands in front of it in earnest has tests of its own.
schema = schemathesis.openapi.from_asgi(
    f"{PREFIX}/openapi.json",
    Starlette(routes=api_routes(late), exception_handlers={HTTPException: failed}),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
]


@schema.parametrize()
@settings(
    max_examples=7,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_fits_the_description(
    case: schemathesis.Case, server: TeamServer, keys: dict[Role, str]
) -> None:
    late.gate = TeamGate(server)
    # Made-up ids would all end at the door.
    if "review_id" in (case.path_parameters or {}):
        case.path_parameters["review_id"] = "r1"
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {keys[Role.OWNER]}"})


def test_the_document_is_served_and_names_every_endpoint(
    app: Starlette, keys: dict[Role, str]
) -> None:
    document = Program(app, keys[Role.READER]).client.get(f"{PREFIX}/openapi.json").json()
    named = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    assert named == {(e.method, e.path) for e in ENDPOINTS}
    assert document["openapi"].startswith("3.1")
