"""Files of rows between reading and writing: Arrow's own format, in which rows are written and read in little time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

_MOST_ROWS = 1 << 17
"""A batch holds no more."""


@contextmanager
def writer(path: Path, schema: pa.Schema) -> Iterator[pa.ipc.RecordBatchFileWriter]:
    """Give what writes tables of a schema into a file, one after the other."""
    packed = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=packed) as made:
        yield made


def schema_of(path: Path) -> pa.Schema:
    """Return the schema of a file."""
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).schema


def batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield the rows of a file in order; of ``columns`` where they are named, which alone are unpacked."""
    with pa.OSFile(str(path)) as file:
        known = pa.ipc.open_file(file).schema
        wanted = None if columns is None else sorted({known.get_field_index(name) for name in columns})
        read = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=wanted, use_threads=False))
        for place in range(read.num_record_batches):
            rows = pa.Table.from_batches([read.get_batch(place)])
            if columns is not None:
                rows = rows.select(list(columns))
            for start in range(0, rows.num_rows, _MOST_ROWS):
                yield rows.slice(start, _MOST_ROWS)


# -- what comes next is made while what came last is worked on


Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items, each of which was made in a thread of its own while the one before was worked on."""
    with ThreadPoolExecutor(1) as maker:
        waiting = maker.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = maker.submit(next, items, None)
            yield item
