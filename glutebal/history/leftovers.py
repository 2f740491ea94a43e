"""What a deletion leaves behind: texts that many recordings share, and series without a set."""

from __future__ import annotations

from glutebal.history.database import Database
from glutebal.history.schema import DIFFERENCE

_REMARKED = (
    *(("set_balance", name) for name in ("log_ratio", "left_side", "right_side", "drift", DIFFERENCE)),
    *(("rep_balance", name) for name in ("log_ratio", "left_side", "right_side", DIFFERENCE)),
)
# NOT IN a list with a NULL is never true: an estimate that is not there has no remark
_IN_USE = " UNION ".join(
    f"SELECT {name}_remark FROM {table} WHERE {name}_remark IS NOT NULL"  # noqa: S608 - own names
    for table, name in _REMARKED
)
_UNUSED_WORDINGS = (
    "DELETE FROM wording WHERE id NOT IN (SELECT settings_wording FROM recording)"
    " AND id NOT IN (SELECT versions_wording FROM recording)"
)
_UNUSED = (
    "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM set_balance t WHERE t.series_id = series.id)",
    f"DELETE FROM remark WHERE id NOT IN ({_IN_USE})",  # noqa: S608 - own names
    _UNUSED_WORDINGS,
)


def forget_unused(database: Database) -> None:
    """Delete texts that nothing refers to any more: they may name what was deleted. In the caller's transaction."""
    for statement in _UNUSED:
        database.execute(statement)
