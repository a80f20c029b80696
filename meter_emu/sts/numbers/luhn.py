"""The check digit of meter numbers (ISO/IEC 7812-1 Annex B; IEC 62055-41 6.1.2).

From the right, every second digit is doubled, starting with the rightmost digit of the payload; 9 is taken off results
over 9; the check digit fills the sum up to the next ten.

>>> check_digit("0417685591")
'6'
>>> is_valid("04176855916"), is_valid("01105574222")
(True, False)
"""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def check_digit(payload: str) -> str:
    """The Luhn digit that belongs behind ``payload`` (decimal digits)."""
    total = 0
    for index, digit in enumerate(reversed(payload)):
        total += int(digit) if index % 2 else _DOUBLED[int(digit)]
    return str(-total % 10)


def is_valid(number: str) -> bool:
    """Whether the last digit of ``number`` is the Luhn digit of the others."""
    return check_digit(number[:-1]) == number[-1]
