"""The whole process killed at any moment of ``enter``: the token counts once or not yet, never twice, never half."""

import random
import subprocess
import time

import pytest

LONGEST_LIFE = 0.15
"""Seconds: longer than a command takes on most machines, so that some children live to the end."""


def kill_and_ask_again(script, process, credit_token, times, seed):
    process("install", "12345678911")
    randomness = random.Random(seed)
    for number in range(times):
        token = credit_token(1000 + number)
        child = subprocess.Popen([script, "enter", token], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(randomness.uniform(0, LONGEST_LIFE))
        child.kill()
        child.wait()
        answer = process("enter", token, "--json").json
        assert answer["accepted"] or answer["validation_result"] == "UsedError"
        assert answer["credit_kwh"] == str(number + 1)


def test_killed_a_few_times(script, process, credit_token):
    kill_and_ask_again(script, process, credit_token, times=8, seed=1)


@pytest.mark.soak
def test_killed_many_times(script, process, credit_token):
    kill_and_ask_again(script, process, credit_token, times=300, seed=2)
