"""One running Heddle for all documents; each test books for itself."""

import shutil
from collections.abc import Iterator

import pytest

from tests.docs.living import Living


@pytest.fixture(scope="session")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    for tool in ("bash", "curl"):
        if shutil.which(tool) is None:
            pytest.skip(f"the documents' examples need {tool}")
    running = Living(tmp_path_factory.mktemp("living"))
    try:
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def token(living: Living) -> str:
    """Alice's, as narrow as docs/pipelines.md says."""
    return living.token("--scopes", "reservations:write", "--project", "team-chat")
