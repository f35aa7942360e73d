"""The Spark adapter on a store: types, odd paths, a missing table."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potok.engine.base import StoreUnreadableError
from potok.engine.tables import EVENTS
from support.tiny_store import SECOND, tiny_log, write_store

pytestmark = pytest.mark.spark

LOG = tiny_log("""
    case | activity | completed
    1    | A        | 10
    1    | B        | 4102444800
""")
SIZE = EVENTS.aggregate(rows=EVENTS.count().cast("int64"), total_us=EVENTS.completed_us.sum().cast("int64"))


def test_odd_paths_and_late_instants(spark_engine, tmp_path):
    store = write_store(LOG, tmp_path / 'it\'s a "[b]" *? {x} %20 é' / "store")
    answer = spark_engine.run(SIZE, folder=store.folder)
    assert answer.schema == pa.schema({"rows": pa.int64(), "total_us": pa.int64()})
    assert answer.to_pylist() == [{"rows": 2, "total_us": 4_102_444_810 * SECOND}]


@pytest.mark.parametrize(
    ("damage", "reason"), [("missing", "No such file"), ("not Parquet", "Parquet"), ("lacks a column", "completed_at")]
)
def test_a_damaged_table_is_named(spark_engine, tmp_path, damage, reason):
    path = write_store(LOG, tmp_path / "store").folder / "events.parquet"
    path.unlink()
    if damage == "not Parquet":
        path.write_text("no", encoding="utf-8")
    elif damage == "lacks a column":
        pq.write_table(pa.table({"case": [1]}), path)
    with pytest.raises(StoreUnreadableError, match=reason) as caught:
        spark_engine.run(SIZE, folder=path.parent)
    assert caught.value.where == str(path)
