"""Vectors kept by what they are vectors of, so that unchanged text is never embedded twice."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")

Vectors = npt.NDArray[np.float32]
"""One vector a row, float32, rows of length 1."""

KEEP_DAYS = 90
"""Days after which a vector that no ingest has used is dropped: a document taken out leaves nothing behind for ever."""

_SECONDS_PER_DAY = 86_400
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used REAL NOT NULL)"


class VectorCache:
    """Vectors on disk, by model fingerprint and text."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Open or make the cache.

        Args:
            path: The SQLite file; its folder is made if it is absent.
            fingerprint: Of the model and how it is used; another fingerprint never sees this one's vectors.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._fingerprint = fingerprint

    def embed(self, texts: Sequence[str], embed: Callable[[list[str]], Vectors], *, batch: int) -> tuple[Vectors, int]:
        """Return the texts' vectors, computing only those that are not kept, and how many that were.

        What has been computed is kept batch by batch: an interrupted ingest goes on where it was.

        Args:
            texts: What to embed; equal texts are embedded once.
            embed: Called with at most `batch` texts that have no vector yet.
            batch: Texts a call, at least 1.

        Returns:
            Vectors of shape `(len(texts), dimension)` in the order of `texts`, and the number of texts embedded.
        """
        return self._mended(lambda: self._embed(texts, embed, batch))

    def drop_unused(self) -> None:
        """Forget the vectors that no ingest has used for `KEEP_DAYS`; it reads the whole cache, so once an ingest is enough.

        Raises:
            OSError: If it can't be written.
        """
        self._mended(self._drop_unused)

    def _mended(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.OperationalError as error:
            raise OSError(errno.EIO, str(error), str(self._path)) from error
        except sqlite3.DatabaseError:
            # Damaged. It only saves time, and all it held can be computed again.
            for path in (self._path, self._path.with_name(self._path.name + "-journal")):
                path.unlink(missing_ok=True)
            return work()

    def _embed(self, texts: Sequence[str], embed: Callable[[list[str]], Vectors], batch: int) -> tuple[Vectors, int]:
        keys = [self._key(text) for text in texts]
        with closing(sqlite3.connect(self._path)) as database:
            database.execute(_TABLE)
            known = self._read(database, keys)
            missing = [(key, text) for key, text in dict(zip(keys, texts, strict=True)).items() if key not in known]
            for start in range(0, len(missing), batch):
                part = missing[start : start + batch]
                vectors = embed([text for _, text in part])
                self._write(database, [key for key, _ in part], vectors)
                known.update(zip((key for key, _ in part), vectors, strict=True))
        return np.stack([known[key] for key in keys]).astype(np.float32), len(missing)

    def _key(self, text: str) -> bytes:
        return sha256(f"{self._fingerprint}\0{text}".encode()).digest()

    def _read(self, database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float32]]:
        known: dict[bytes, npt.NDArray[np.float32]] = {}
        with database:
            for key in set(keys):
                row = database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    known[key] = np.frombuffer(row[0], np.float32)
            database.executemany("UPDATE vectors SET used = ? WHERE key = ?", [(time.time(), key) for key in known])
        return known

    def _write(self, database: sqlite3.Connection, keys: Sequence[bytes], vectors: Vectors) -> None:
        rows = [(key, vector.astype(np.float32).tobytes(), time.time()) for key, vector in zip(keys, vectors, strict=True)]
        with database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def _drop_unused(self) -> None:
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute(_TABLE)
            database.execute("DELETE FROM vectors WHERE used < ?", (time.time() - KEEP_DAYS * _SECONDS_PER_DAY,))
