from tests.data.conftest import folder, own_cache  # noqa: F401
