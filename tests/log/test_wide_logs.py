"""XES with many attributes: memory follows the width of the rows, not the length of the file.

A public log of 168 attributes is imported for the worked example of travel permits.
"""

import pytest

from potok.engine.duckdb import DuckDBSettings, connect
from potok.log.importing.pipeline import WIDEST_MIB, _limit_streaming


@pytest.mark.parametrize(("attributes", "mib"), [(0, 150), (8, 150), (58, 550)])
def test_memory_follows_the_width(attributes: int, mib: int) -> None:
    with connect(settings=DuckDBSettings(threads=2)) as connection:
        _limit_streaming(connection, attributes=attributes)
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == (f"{mib}.0 MiB",)


def test_no_width_raises_the_limit() -> None:
    with connect(settings=DuckDBSettings(memory_limit=f"{WIDEST_MIB}MiB", threads=2)) as connection:
        before = connection.execute("SELECT current_setting('memory_limit')").fetchone()
        _limit_streaming(connection, attributes=10_000)
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == before
