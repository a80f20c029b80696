"""Slips of the finger: two rows of digits that differ by one of the mistakes people make when they copy a token.

>>> slip_between("6651793035735896501", "66517930357358965013")
'a digit is missing behind digit 19'
>>> slip_between("66517930357358965031", "66517930357358965013")
'digits 19 and 20 are swapped'
>>> slip_between("16517930357358965013", "66517930357358965013"), slip_between("11517930357358965013", "66517930357358965013")
('digit 1 is 1 and should be 6', None)
"""


def slip_between(keyed: str, right: str) -> str | None:
    """The one slip that makes ``keyed`` out of ``right``, in words; None if they are equal or differ by more."""
    start = _first_difference(keyed, right)
    if keyed == right:
        return None
    if len(keyed) == len(right):
        if keyed[start + 1 :] == right[start + 1 :]:
            return f"digit {start + 1} is {keyed[start]} and should be {right[start]}"
        swapped = keyed[start : start + 2] == right[start : start + 2][::-1]
        if swapped and keyed[start + 2 :] == right[start + 2 :]:
            return f"digits {start + 1} and {start + 2} are swapped"
    elif len(keyed) == len(right) - 1 and keyed[start:] == right[start + 1 :]:
        return f"a digit is missing behind digit {start}" if start else "the first digit is missing"
    elif len(keyed) == len(right) + 1 and keyed[start + 1 :] == right[start:]:
        return f"digit {start + 1} is one too many"
    return None


def _first_difference(one: str, other: str) -> int:
    """The place of the first character that differs; where the shorter one ends, if all before are equal."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
