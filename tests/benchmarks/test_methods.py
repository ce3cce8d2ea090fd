"""What Guetteur is compared with, as far as it can be tried without installing it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.matching.methods import (
    ALTERNATIVES,
    Found,
    Method,
    exact_automaton,
    folded,
    ours,
    partial_ratio,
    token_windows,
)
from tests.matching.names import watched

ROOT = Path(__file__).parents[2]
IDA = watched("Ida Vantadour", name_id="ida", aliases=["La Grive"])
OTTO = watched("Otto Brisecaille", name_id="otto")
DISTRIBUTIONS = {"numpy": "numpy", "ahocorasick": "pyahocorasick", "spacy": "spacy", "spaczz": "spaczz"}
"""Where each module comes from."""


def certain(*ids: str) -> Found:
    return Found(frozenset(ids))


def test_folding_forgets_case_accents_and_what_nobody_sees() -> None:
    assert folded("L’Élan\u00ad de GÉRALD-E\u0301.") == "l elan de gerald e"


def test_ours_tells_the_tiers_apart() -> None:
    find = ours([IDA, watched("Otto Dupont", name_id="otto")])
    assert find("Ida Vantadour a vu Dupont.", "fr") == Found(frozenset({"ida"}), frozenset({"otto"}))


def test_partial_ratio_forgives_a_letter() -> None:
    assert partial_ratio([IDA, OTTO])("Hier, Ida Vantadoor a parlé.", "fr") == certain("ida")


def test_token_windows_forgive_order_and_an_initial() -> None:
    pytest.importorskip("numpy", reason="make bench installs it")
    find = token_windows([IDA, OTTO])
    assert find("Vantadour Ida et Otto K. Brisecaille", "fr") == certain("ida", "otto")
    assert find("Ida Martin", "fr") == certain()
    assert find("", "fr") == certain()


def test_the_automaton_finds_whole_names_and_aliases_exactly() -> None:
    pytest.importorskip("ahocorasick", reason="make bench installs it")
    find = exact_automaton([IDA, OTTO])
    assert find("La Grive, otto brisecaille", "fr") == certain("ida", "otto")
    assert find("Ida Vantadoura", "fr") == certain()


def test_a_method_whose_module_is_absent_is_known_to_be() -> None:
    assert not Method("none", ours, modules=("no_such_module_anywhere",)).installed
    assert Method("ours", ours).installed


def test_the_lock_holds_what_every_method_needs() -> None:
    lock = (ROOT / "requirements-bench.lock").read_text(encoding="utf-8")
    for method in ALTERNATIVES:
        for module in method.modules:
            assert re.search(rf"^{DISTRIBUTIONS[module]}==", lock, re.MULTILINE), f"{module} of {method.name}"


def test_the_lock_has_hashes_and_names_no_index() -> None:
    lines = (ROOT / "requirements-bench.lock").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith(" ")]
    assert len(pinned) > 30
    assert len([line for line in lines if "--hash=sha256:" in line]) >= len(pinned)
    assert not [line for line in lines if "://" in line or "--index" in line or "--find-links" in line]
