"""How far a sheet reaches, and how its columns are named by letters."""

from dataclasses import dataclass

MergedRange = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SheetExtent:
    """What one sheet's XML says of itself.

    Parameters
    ----------
    rows, columns
        Size of a rectangle that holds every cell of the sheet; sheets of fewer than 26 columns may be said to have 26.
    errors
        Error cells (``#N/A``, ``#DIV/0!``) by zero-based (row, column); the reader gives them as empty.
    merged
        Merged ranges, zero-based, both corners inclusive; None if the reader knows them.
    """

    rows: int
    columns: int
    errors: tuple[tuple[int, int], ...] = ()
    merged: tuple[MergedRange, ...] | None = None

    @property
    def cells(self) -> int:
        """Number of cells of the rectangle."""
        return self.rows * self.columns


def column_index(letters: str) -> int:
    """Return the zero-based index of a column named by letters (A = 0, AA = 26)."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def column_letters(index: int) -> str:
    """Return the letters of a column (0 = A, 26 = AA)."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
