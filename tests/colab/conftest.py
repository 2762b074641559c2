"""The last line of a run says which Python the notebooks ran on."""

import environment
import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the list that the tests put what they ran on into."""
    config.stash[environment.RAN_ON] = []


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print it, below pytest's own last line."""
    for sentence in config.stash.get(environment.RAN_ON, []):
        print(sentence)
