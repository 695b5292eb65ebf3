"""The simulated network adds what it says, part by part."""

import math
import random

import numpy as np
import pytest

from gui.compare.network import PACKET_BYTES, Network, download, upload

NOTHING = Network(0.0, math.inf, math.inf, 0.0, 0.0)


def both(network: Network, up_bytes: int = 50_000, down_bytes: int = 500, seed: int = 0):
    chance = random.Random(seed)
    return upload(network, up_bytes, chance), download(network, down_bytes, chance)


def test_no_network_adds_nothing():
    up, down = both(NOTHING)
    assert up.total_ms == down.total_ms == 0.0


def test_the_round_trip_is_shared_by_both_ways():
    up, down = both(Network(80.0, math.inf, math.inf, 0.0))
    assert (up.total_ms, down.total_ms) == (40.0, 40.0)


def test_bandwidth_is_bits_per_second():
    up, down = both(Network(0.0, 8.0, 2.0, 0.0), 1_000_000, 1_000)
    assert up.bandwidth_ms == pytest.approx(1000.0)
    assert down.bandwidth_ms == pytest.approx(4.0)


def test_jitter_is_at_most_what_it_says_and_half_of_it_on_average():
    network = Network(0.0, math.inf, math.inf, 30.0)
    added = np.array([sum(part.total_ms for part in both(network, seed=seed)) for seed in range(4000)])
    assert 0.0 <= added.min() <= added.max() <= 30.0
    assert added.mean() == pytest.approx(15.0, rel=0.05)


def test_each_repair_of_lost_packets_takes_a_round_trip():
    network = Network(100.0, math.inf, math.inf, 0.0, 0.2)
    waits = [both(network, 10 * PACKET_BYTES, seed=seed)[0].loss_ms for seed in range(2000)]
    assert set(np.mod(waits, 100.0)) == {0.0}
    # All of 10 packets arrive at once with probability 0.8^10; k repairs suffice with (1 - 0.2^(k+1))^10.
    expected = sum(1 - (1 - 0.2 ** (k + 1)) ** 10 for k in range(20)) * 100.0
    assert np.mean(waits) == pytest.approx(expected, rel=0.05)


def test_the_same_seed_is_the_same_weather():
    network = Network(60.0, 4.0, 15.0, 80.0, 0.03)
    assert both(network, seed=5) == both(network, seed=5)
    assert both(network, seed=5) != both(network, seed=6)
