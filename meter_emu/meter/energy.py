"""Energy as integers: the unit is the watt-second, so that load times time is exact.

>>> kwh_text(32 * KWH + KWH // 2), kwh_text(KWH // 3), kwh_text(-KWH // 2)
('32.5', '0.3333', '-0.5')
>>> lcd_text(32 * KWH + KWH // 2)
'32.50 kWh'
"""

WattSeconds = int
KWH: WattSeconds = 3_600_000
TENTH_OF_KWH: WattSeconds = KWH // 10
"""What one unit on a token is worth."""
LCD_COLUMNS = 16
"""Characters on a line of the LCD."""


def kwh_text(energy: WattSeconds) -> str:
    """Kilowatt-hours for machines: at most 4 decimals, rounded towards zero, no zeros at the end."""
    sign, whole, fraction = _split(energy, 10_000)
    return f"{sign}{whole}.{fraction:04d}".rstrip("0").rstrip(".")


def lcd_text(energy: WattSeconds) -> str:
    """Kilowatt-hours as an LCD shows them: rounded towards zero to 2 decimals, or to none where these do not fit the LCD."""
    sign, whole, fraction = _split(energy, 100)
    exact = f"{sign}{whole}.{fraction:02d} kWh"
    return exact if len(exact) <= LCD_COLUMNS else f"{sign}{whole} kWh"


def _split(energy: WattSeconds, parts: int) -> tuple[str, int, int]:
    whole, fraction = divmod(abs(energy) * parts // KWH, parts)
    return "-" if energy < 0 and (whole or fraction) else "", whole, fraction
