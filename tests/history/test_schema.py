"""The tables and the page that describes them."""

from contextlib import closing
from pathlib import Path

import pytest

from glutebal.history.database import Database
from glutebal.history.schema import ESTIMATE_PARTS, estimate_columns
from glutebal.history.sqlite import SqliteDatabase
from glutebal.history.store import Store

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "history.md"


@pytest.fixture
def database(tmp_path):
    """A new history."""
    with closing(SqliteDatabase(tmp_path / "history.db")) as opened:
        Store(opened)
        yield opened


def columns_of(database: Database, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def described() -> dict[str, str]:
    """What the page says of each table."""
    rows = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {row[1].strip(" `"): row[3] for row in rows if len(row) == 5}


def test_the_page_names_every_table(database):
    assert set(described()) == database.tables()


def test_the_page_names_every_column(database):
    for table, words in described().items():
        columns = columns_of(database, table)
        whole = [name for name in columns if f"{name}_remark" in columns]
        parts = set(estimate_columns(*whole))
        missing = [name for name in columns if name not in parts and f"`{name}`" not in words]
        missing += [name for name in whole if f"`{name}…`" not in words]
        assert missing == [], table


def test_an_estimate_has_a_column_for_each_part():
    assert estimate_columns("a", "b") == tuple(f"{name}{part}" for name in "ab" for part in ESTIMATE_PARTS)


def test_what_belongs_to_a_row_goes_with_it(database):
    """Every table is reached by deletion from an athlete, but for shared texts and the version."""
    parents = {t: {row[2] for row in database.execute(f"PRAGMA foreign_key_list({t})")} for t in database.tables()}
    rules = {row[6] for t in database.tables() for row in database.execute(f"PRAGMA foreign_key_list({t})")}
    assert rules == {"CASCADE"}
    assert {t for t, above in parents.items() if not above} == {"athlete", "remark", "wording", "history_format"}


def test_every_key_to_a_parent_is_found_by_an_index(database):
    """Without one, each deleted parent would search every row of the children."""
    for table in database.tables():
        firsts = set()
        for _, index, *_ in database.execute(f"PRAGMA index_list({table})"):
            firsts.add(database.execute(f"PRAGMA index_info({index})")[0][2])
        keys = {row[3] for row in database.execute(f"PRAGMA foreign_key_list({table})") if row[1] == 0}
        assert keys <= firsts, table
