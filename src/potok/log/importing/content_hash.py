"""Hash of what was taken, whatever file it came from.

Columns are hashed one by one over their values in store order (an order that does not depend on the order of source
rows unless a tie is resolved by it) and the column hashes are combined by name. Row numbers of the source, codes that
follow from labels, and lead columns are left out.
"""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DERIVED: Final = frozenset(
    {"source_row", "position", "variant", "next_activity", "next_started_at", "next_completed_at", "next_org_unit",
     "next_resource"}
)  # fmt: skip
TABLES: Final = ("events", "cases", "activities", "resources", "units")
BATCH_ROWS: Final = 122_880


def compute_content_sha256(folder: Path) -> str:
    """Compute the content hash of the store's tables in `folder`.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    total = hashlib.sha256(b"potok.content/1")
    for table in TABLES:
        for name, digest in sorted(_hash_columns(folder / f"{table}.parquet").items()):
            total.update(f"{table}\x1f{name}\x1f{digest}\x1e".encode())
    return total.hexdigest()


def _hash_columns(file: Path) -> dict[str, str]:
    parquet = pq.ParquetFile(file)
    names = [name for name in parquet.schema_arrow.names if name not in DERIVED]
    hashes = {name: hashlib.sha256(str(parquet.schema_arrow.field(name).type).encode()) for name in names}
    for batch in parquet.iter_batches(BATCH_ROWS, columns=names):
        for name in names:
            for part in _canonical_bytes(batch.column(name)):
                hashes[name].update(part)
    return {name: digest.hexdigest() for name, digest in hashes.items()}


def _canonical_bytes(array: pa.Array) -> list[memoryview | bytes]:
    """Return bytes that depend on the values alone, not on how Arrow laid them out."""
    missing = array.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(array.type):
        lengths = pc.fill_null(pc.binary_length(array), 0).to_numpy(zero_copy_only=False).astype("<i4")
        text = pc.fill_null(array, "")
        data = text.buffers()[2]
        start, stop = _span(text)
        return [missing.tobytes(), lengths.tobytes(), b"" if data is None else memoryview(data)[start:stop]]
    values = array.cast(pa.int64()) if pa.types.is_timestamp(array.type) else array
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    filled = pc.fill_null(values, 0).to_numpy(zero_copy_only=False)
    return [missing.tobytes(), np.ascontiguousarray(filled).tobytes()]


def _span(text: pa.Array) -> tuple[int, int]:
    """Return where the characters of a string array lie in its data buffer."""
    offsets = np.frombuffer(text.buffers()[1], dtype="<i4")[text.offset : text.offset + len(text) + 1]
    return (int(offsets[0]), int(offsets[-1])) if len(text) else (0, 0)
