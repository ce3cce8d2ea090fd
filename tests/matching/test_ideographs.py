"""Names in Han, Kana and Hangul."""

from __future__ import annotations

import pytest

from bot.model import Tier
from tests.matching.names import look, tier, watched


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("市長の渡辺健二氏は会見で謝罪した。", "Kenji Watanabe"),
        ("警察は実業家のロバート・ヘンダーソン氏から事情を聴いた。", "Robert Henderson"),
        ("검찰은 어제 윤태경 전 대표를 소환해 조사했다.", "Yoon Tae-kyung"),
        ("경찰은 사업가 로버트 헨더슨 씨를 조사하고 있다.", "Robert Henderson"),
        ("据悉，王建国已辞去董事长职务。", "Wang Jianguo"),
        ("警方证实，商人罗伯特·亨德森已离境。", "Robert Henderson"),
        ("市長の渡辺健二氏は会見で謝罪した。", "渡辺健二"),
        ("Chairman Wang Jianguo has resigned.", "王建国"),
    ],
)
def test_a_name_in_signs_is_found(text: str, name: str) -> None:
    assert tier(text, watched(name)) is Tier.CERTAIN


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("문서에 따르면 요트의 소유자는 피터 살비아티 씨다.", "Simone Peter"),
        ("사건은 이달 말까지 심리될 예정이다.", "Yu Zheng"),
        ("市長は会見で謝罪した。", "Kenji Watanabe"),
        ("据悉，王建国已辞去董事长职务。", "Wang Jianmin"),
        ("警方证实，商人罗伯特·亨德森已离境。", "Sofia Henderson"),
    ],
)
def test_other_signs_are_nobody(text: str, name: str) -> None:
    assert look(text, watched(name)) == []


def test_a_name_of_two_signs_waits_to_be_checked() -> None:
    assert tier("记者李娜从现场发回报道。", watched("Li Na")) is Tier.POSSIBLE


def test_the_span_is_the_signs_of_the_name() -> None:
    text = "据悉，王建国已辞去董事长职务。"
    [match] = look(text, watched("Wang Jianguo"))
    assert text[match.start : match.end] == match.text == "王建国"
