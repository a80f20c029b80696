"""The buzzer: a synthesised beep, repeated for as long as the meter beeps. Silent where there is no sound device."""

import math
from array import array

import pygame

from meter_gui.quiet import quiet_stderr

RATE = 22_050
PITCH = 2_400
"""Hz, about where the piezo buzzers of such meters are loudest."""
TONE, PAUSE = 0.14, 0.08
"""Seconds."""
FADE = 0.004
"""Seconds in which the tone swells and dies, so that it does not click."""
LOUDNESS = 6_000
"""Of 32 767."""


def samples() -> "array[int]":
    """One beep and the pause after it: a tone with some of its third harmonic, as a piezo disc gives it."""
    wave = array("h")
    for number in range(round(RATE * TONE)):
        at = number / RATE
        swell = min(1.0, at / FADE, (TONE - at) / FADE)
        turn = 2 * math.pi * PITCH * at
        wave.append(round(LOUDNESS * swell * (math.sin(turn) + math.sin(3 * turn) / 4)))
    wave.extend([0] * round(RATE * PAUSE))
    return wave


class Buzzer:
    """Beeps while it is told to. The sound device is opened at the first beep only."""

    def __init__(self) -> None:
        self._sound: pygame.mixer.Sound | None = None
        self._is_tried = False
        self.is_beeping = False

    def beep(self, is_beeping: bool) -> None:
        """Begin, or end."""
        if is_beeping == self.is_beeping:
            return
        self.is_beeping = is_beeping
        if is_beeping and not self._is_tried:
            self._open()
        if self._sound is not None:
            if is_beeping:
                self._sound.play(loops=-1)
            else:
                self._sound.stop()

    def close(self) -> None:
        """Let go of the device."""
        self.beep(False)
        if self._sound is not None:
            self._sound = None
            pygame.mixer.quit()

    def _open(self) -> None:
        self._is_tried = True
        try:
            with quiet_stderr():
                pygame.mixer.init(RATE, -16, 1, 512)
            self._sound = pygame.mixer.Sound(buffer=samples().tobytes())
        except pygame.error:
            self._sound = None
