"""Which pairing of two lists is the best of all?

Each line is in one pair at most, and the sum of the weights of the pairs is the greatest there is. Weights
are whole numbers above zero; what has none cannot be paired. The same weights always give the same pairs.

Source: Kuhn-Munkres, the Hungarian method (Munkres 1957, J SIAM 5:32), in the form with potentials.
"""

from __future__ import annotations

from collections.abc import Mapping


def best(weights: Mapping[tuple[int, int], int]) -> tuple[tuple[int, int], ...]:
    """The pairs (row, column) of the greatest total weight, in order."""
    if any(weight <= 0 for weight in weights.values()):
        raise ValueError("a pair that may be has a weight above zero")
    found: list[tuple[int, int]] = []
    for rows, columns in _parts(weights):
        found += _within(rows, columns, weights)
    return tuple(sorted(found))


def _parts(weights: Mapping[tuple[int, int], int]) -> list[tuple[list[int], list[int]]]:
    """Rows and columns that have to do with one another: the parts are decided apart."""
    part: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for row, column in sorted(weights):
        one, other = ("row", row), ("column", column)
        joined = part.get(one, {one}) | part.get(other, {other})
        for each in joined:
            part[each] = joined
    distinct = {id(each): each for each in part.values()}.values()
    return [
        (
            sorted(at for side, at in each if side == "row"),
            sorted(at for side, at in each if side == "column"),
        )
        for each in distinct
    ]


def _within(
    rows: list[int], columns: list[int], weights: Mapping[tuple[int, int], int]
) -> list[tuple[int, int]]:
    size = max(len(rows), len(columns))
    cost = [
        [
            -weights.get((rows[i], columns[j]), 0) if i < len(rows) and j < len(columns) else 0
            for j in range(size)
        ]
        for i in range(size)
    ]
    return [
        (rows[i], columns[j])
        for i, j in _cheapest(cost)
        if i < len(rows) and j < len(columns) and (rows[i], columns[j]) in weights
    ]


def _cheapest(cost: list[list[int]]) -> list[tuple[int, int]]:
    """The assignment of every row to a column of its own with the least total cost."""
    size = len(cost)
    of_row, of_column = [0] * (size + 1), [0] * (size + 1)  # the potentials; 0 stands for nobody
    holder = [0] * (size + 1)  # the row that holds a column
    for row in range(1, size + 1):
        holder[0] = row
        column = 0
        least: list[int | None] = [None] * (size + 1)
        came_from = [0] * (size + 1)
        used = [False] * (size + 1)
        while holder[column]:
            used[column] = True
            here, delta, following = holder[column], None, 0
            for other in range(1, size + 1):
                if used[other]:
                    continue
                reduced = cost[here - 1][other - 1] - of_row[here] - of_column[other]
                known = least[other]
                if known is None or reduced < known:
                    least[other] = known = reduced
                    came_from[other] = column
                if delta is None or known < delta:
                    delta, following = known, other
            assert delta is not None
            for other in range(size + 1):
                if used[other]:
                    of_row[holder[other]] += delta
                    of_column[other] -= delta
                elif (known := least[other]) is not None:
                    least[other] = known - delta
            column = following
        while column:
            holder[column] = holder[came_from[column]]
            column = came_from[column]
    return [(holder[column] - 1, column - 1) for column in range(1, size + 1)]
