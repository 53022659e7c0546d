import pytest

from resartus import errors
from resartus.app.failures import exit_code, http_status, kind_of


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.DataError("x"), 3, 422),
        (errors.ParseError("x"), 3, 422),
        (errors.NotFoundError("x"), 4, 404),
        (errors.ConflictError("x"), 5, 409),
        (errors.PermissionDenied("x"), 6, 403),
        (errors.StoreError("x"), 7, 503),
        (errors.StoreDamaged("x"), 7, 500),
        (errors.SourceUnavailable("x"), 8, 503),
        (errors.SourceRefused("x"), 8, 502),
        (errors.NotConverged("x"), 9, 422),
        (errors.ResartusError("x"), 1, 500),
    ],
)
def test_every_error_has_its_exit_code_and_status(
    error: errors.ResartusError, code: int, status: int
) -> None:
    assert (exit_code(error), http_status(error)) == (code, status)


def test_every_error_of_the_tree_has_a_place() -> None:
    for name in errors.__all__:
        error = getattr(errors, name)("x")
        assert exit_code(error) in range(1, 10)
        assert kind_of(error) == name
