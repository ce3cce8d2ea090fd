"""`guetteur match`: what a person and a program see, and the exit code."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import ConfigError, FetchError, UsageError
from bot.texts import has_text

WATCHLIST = """\
title: Rédaction
names:
  - {name: Aldebert Quincampoix, id: aq, aliases: [La Mouette]}
  - Mohamed Tazrouti
  - Aldebert Martin
"""

GUIDE = (Path(__file__).parents[2] / "docs" / "watchlists.md").read_text(encoding="utf-8")
FATES = {"rings": {"certain"}, "to check": {"possible"}, "no": set()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "newsroom.yaml").write_text(WATCHLIST, encoding="utf-8")
    return lists


def match(*arguments: str | Path, stdin: str | bytes = "") -> Result:
    result: Result = CliRunner().invoke(cli, ["match", *map(str, arguments)], input=stdin, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_lines_in_lines_out_in_order_with_code_point_offsets(folder: Path) -> None:
    said = match(
        "--jsonl", "--watchlists", folder,
        stdin=lines(
            {"id": "b", "title": "𝄞 Quincampoix", "text": "Rien."},
            {"id": 1, "text": "𝄞 Muhammad Tazrouti, libre", "language": "fr"},
            {"id": "a", "text": "Personne."},
        ),
    )  # fmt: skip
    assert said.return_value == 0
    first, second, third = map(json.loads, said.stdout.splitlines())
    assert (first["id"], third) == ("b", {"id": "a", "matches": []})
    [found] = first["matches"]
    assert (found["field"], found["start"], found["end"], found["entity"]) == ("title", 2, 13, "aq")
    [found] = second["matches"]
    reasons = found.pop("reasons")
    assert found == {
        "watchlist": "newsroom",
        "entity": "Mohamed Tazrouti",
        "alias": "Mohamed Tazrouti",
        "text": "Muhammad Tazrouti",
        "start": 2,
        "end": 19,
        "field": "text",
        "score": 98,
        "tier": "certain",
    }
    assert reasons[0] == {"code": "full-name", "text": "full name"}


@pytest.mark.parametrize(
    "bad",
    [b"{", b"[1]", b'{"text": "x"}', b'{"id": 1}', b'{"id": 1, "text": 7}', b'{"id": 1, "text": "\xff"}',
     rb'{"id": 1, "text": "\ud800"}', b"[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_told_apart_and_the_rest_goes_on(folder: Path, bad: bytes) -> None:
    good = b'{"id": 2, "text": "Aldebert Quincampoix"}\n'
    said = match("--jsonl", "--watchlists", folder, stdin=bad + b"\n" + good)
    assert said.return_value == 1
    assert said.stderr.startswith("line 1: ")
    assert [json.loads(line)["id"] for line in said.stdout.splitlines()] == [2]


def test_jsonl_reads_a_file_too(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(lines({"id": 1, "text": "La Mouette"}), encoding="utf-8")
    said = match("--jsonl", "--watchlists", folder, "--file", file)
    assert json.loads(said.stdout)["matches"][0]["alias"] == "La Mouette"


def test_a_person_sees_the_mention_its_tier_its_list_and_why(folder: Path) -> None:
    said = match("--watchlists", folder, "Selon Martin, Muhammad Tazrouti est libre.").stdout
    assert "[Martin]" in said
    assert "[Muhammad Tazrouti]" in said
    assert "98/100 certain" in said
    assert "possible" in said
    assert "(Rédaction)" in said
    assert "Muhammad = Mohamed: the same name" in said
    assert "also a given name" in said


def test_nobody_found_is_said(folder: Path) -> None:
    assert "Nobody on the watchlists" in match("--watchlists", folder, "Rien.").stdout


def test_the_text_comes_from_standard_input_or_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("Aldebert Quincampoix", encoding="utf-8")
    for said in (
        match("--json", "--watchlists", folder, "--file", file),
        match("--json", "--watchlists", folder, stdin="Aldebert Quincampoix"),
    ):
        assert [found["entity"] for found in json.loads(said.stdout)["matches"]] == ["aq"]


def test_two_texts_at_once_are_a_mistake(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("x")
    with pytest.raises(UsageError, match="one of"):
        match("--watchlists", folder, "text", "--file", file)


@pytest.mark.parametrize("other", [("text",), ("--url", "http://127.0.0.1/"), ("--json",)])
def test_lines_of_json_go_with_no_other_text_or_form(folder: Path, other: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--jsonl"):
        match("--jsonl", "--watchlists", folder, *other)


def test_a_doubtful_watchlist_is_used_and_its_warning_told(folder: Path) -> None:
    (folder / "short.yaml").write_text("[]\n")
    said = match("--json", "--watchlists", folder, "Aldebert Quincampoix")
    assert "short.yaml:1:1: warning: " in said.stderr
    assert len(json.loads(said.stdout)["matches"]) == 1


@contextmanager
def page(status: int, content_type: str, body: bytes) -> Iterator[str]:
    """The address of a page that answers so."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Settings that allow the test's own pages."""
    (tmp_path / "feeds.yaml").write_text("- https://a.example/rss\n")
    file = tmp_path / "g.yaml"
    file.write_text("polling: {allow_networks: 127.0.0.0/8}\nwatchlists: lists\n")
    return file


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [("text/html; charset=iso-8859-1", "latin-1"), ('text/html; charset="Windows-1256"', "cp1256"),
     ("text/html", "utf-8"), ("text/html; charset=klingon", "utf-8"), ("text/html; charset=base64", "utf-8")],
)  # fmt: skip
def test_a_page_is_read_in_the_charset_that_it_names(
    folder: Path, settings: Path, content_type: str, encoding: str
) -> None:
    (folder / "accents.yaml").write_text("[Zénobie Crèvecœur, Édith Pâquerettot]\n", encoding="utf-8")
    with page(200, content_type, "<p>Selon Édith Pâquerettot, rien.</p>".encode(encoding, "replace")) as url:
        [found] = json.loads(match("--config", settings, "--json", "--url", url).stdout)["matches"]
    assert found["text"].endswith("Pâquerettot")


def test_of_a_page_its_title_and_article_are_read_and_no_box(folder: Path, settings: Path) -> None:
    prose = "<p>" + "La séance a duré toute la nuit, et personne ne s’en est plaint dans les couloirs. " * 4 + "</p>"
    html = (
        f"<meta charset=utf-8><title>Le jour de La Mouette</title><nav><a href=/x>Mohamed Tazrouti</a></nav>"
        f"<article>{prose}<p>Lire aussi : <a href=/y>Mohamed Tazrouti</a></p><p>Selon Aldebert Martin, rien.</p>{prose}"
    )
    with page(200, "text/html", html.encode()) as url:
        found = json.loads(match("--config", settings, "--json", "--url", url).stdout)["matches"]
    assert {each["text"] for each in found} == {"La Mouette", "Aldebert Martin"}


def test_a_page_for_subscribers_is_told_as_such(folder: Path, settings: Path) -> None:
    html = b"<title>Rien</title><meta name=article:content_tier content=locked><p>Aldebert Quincampoix</p>"
    with page(200, "text/html", html) as url:
        said = match("--config", settings, "--json", "--url", url)
    assert "is for subscribers" in said.stderr
    assert json.loads(said.stdout)["matches"] == []


@pytest.mark.parametrize("status", [404, 503])
def test_a_page_that_is_not_there_is_a_failure_and_no_misuse(folder: Path, settings: Path, status: int) -> None:
    with page(status, "text/html", b"Aldebert Quincampoix") as url, pytest.raises(FetchError, match=str(status)):
        match("--config", settings, "--url", url)


def test_a_wrong_watchlist_is_told_line_by_line(folder: Path) -> None:
    (folder / "bad.yaml").write_text("- {name: A B, alias: x}\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml:1:"):
        match("--watchlists", folder, "text")


def test_without_a_folder_that_of_the_settings_is_read_else_the_one_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GUETTEUR_CONFIG", raising=False)
    with pytest.raises(UsageError, match="--watchlists"):
        match("Aldebert Quincampoix")
    folder.rename(tmp_path / "watchlists")
    assert "98" not in match("Aldebert Quincampoix").stdout
    (tmp_path / "watchlists").rename(tmp_path / "elsewhere")
    (tmp_path / "g.yaml").write_text("watchlists: elsewhere\nfeeds: []\n")
    assert "100/100" in match("--config", tmp_path / "g.yaml", "Aldebert Quincampoix").stdout


def test_near_misses_follow_what_was_found(folder: Path) -> None:
    said = match("--near", "--watchlists", folder, "Selon Sofia Tazrouti, Aldebert Quincampoix ment.").stdout
    found, _, near = said.partition("Near misses")
    assert "[Aldebert Quincampoix]" in found
    assert "Mohamed Tazrouti  « Tazrouti »  another name beside it: “Sofia Tazrouti”" in near


def test_nothing_near_is_said(folder: Path) -> None:
    assert "Nothing else comes near" in match("--near", "--watchlists", folder, "Rien.").stdout


def test_near_misses_are_data_too(folder: Path) -> None:
    expected = {
        "watchlist": "newsroom",
        "entity": "Mohamed Tazrouti",
        "text": "Tazrouti",
        "start": 6,
        "end": 14,
        "field": "text",
        "lacks": {"code": "other-person", "text": "another name beside it: “Sofia Tazrouti”"},
    }
    said = match("--near", "--json", "--watchlists", folder, "Sofia Tazrouti")
    assert json.loads(said.stdout) == {"matches": [], "near": [expected]}
    rows = match("--near", "--jsonl", "--watchlists", folder, stdin=lines({"id": 1, "text": "Sofia Tazrouti"}))
    assert json.loads(rows.stdout) == {"id": 1, "matches": [], "near": [expected]}


def test_a_terminal_shows_the_first_of_many_near_misses_and_json_has_them_all(folder: Path) -> None:
    given = [f"Zo{first}{second}a" for first in "bcdfg" for second in "klmnprt"]
    (folder / "many.yaml").write_text("".join(f"- {each} Kerbrazec\n" for each in given), encoding="utf-8")
    asked = ("--near", "--watchlists", folder, "Selon Sofia Kerbrazec, rien.")
    assert len(json.loads(match("--json", *asked).stdout)["near"]) == 35
    shown = match(*asked).stdout.splitlines()
    assert sum("another name beside it" in line for line in shown) == 30
    assert shown[-1] == "  … and 5 more"


def test_without_near_no_near_miss_is_told(folder: Path) -> None:
    assert "Near" not in match("--watchlists", folder, "Sofia Tazrouti").stdout
    assert "near" not in json.loads(match("--json", "--watchlists", folder, "Sofia Tazrouti").stdout)
    row = match("--jsonl", "--watchlists", folder, stdin=lines({"id": 1, "text": "Sofia Tazrouti"})).stdout
    assert json.loads(row) == {"id": 1, "matches": []}


def test_a_near_miss_in_a_title_counts_from_the_title(folder: Path) -> None:
    article = {"id": 1, "title": "𝄞 Sofia Tazrouti", "text": "Rien."}
    [missed] = json.loads(match("--near", "--jsonl", "--watchlists", folder, stdin=lines(article)).stdout)["near"]
    assert (missed["field"], missed["start"], missed["end"], missed["text"]) == ("title", 8, 16, "Tazrouti")


# --- docs/watchlists.md ------------------------------------------------------------------------------------------


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """The watchlist on which docs/watchlists.md says everything was tried."""
    example = GUIDE.partition("## What rings, and what does not")[2].partition("```yaml\n")[2].partition("```")[0]
    lists = tmp_path / "guide"
    lists.mkdir()
    (lists / "brumes.yaml").write_text(example, encoding="utf-8")
    return lists


LINES, _, SCORES = GUIDE.partition("### How alike: the threshold")
TRIED = re.findall(rf"^\| ([^|\n]+) \| ({'|'.join(FATES)}) \|", LINES, re.MULTILINE)
SCORED = re.findall(r"^\| ([^|\n]+) \| (\d+) \| [^|\n]+ \|$", SCORES, re.MULTILINE)
MEASURED = re.findall(r"^\| ([^|\n]+) \| (\d+) \| ([^|\n]+ \| [^|\n]+ \| [^|\n]+) \|$", SCORES, re.MULTILINE)


def test_the_guide_has_its_tables() -> None:
    assert (len(TRIED) >= 30, len(SCORED) >= 5, len(MEASURED)) == (True, True, 3)


@pytest.mark.parametrize(("text", "fate"), TRIED)
def test_every_line_of_the_guide_is_true(guide: Path, text: str, fate: str) -> None:
    found = json.loads(match("--json", "--watchlists", guide, text).stdout)["matches"]
    assert {each["tier"] for each in found} == FATES[fate]


@pytest.mark.parametrize(("text", "score"), SCORED)
def test_every_score_of_the_guide_is_true(guide: Path, text: str, score: str) -> None:
    [found] = json.loads(match("--json", "--watchlists", guide, text).stdout)["matches"]
    assert found["score"] == int(score)


@pytest.mark.parametrize(("text", "score", "fates"), MEASURED)
def test_every_threshold_of_the_guide_is_true(tmp_path: Path, text: str, score: str, fates: str) -> None:
    for threshold, fate in zip(("strict", "normal", "wide"), fates.split(" | "), strict=True):
        (tmp_path / threshold).mkdir()
        entry = f"- {{name: Halvard Quincampoix, threshold: {threshold}}}\n"
        (tmp_path / threshold / "brumes.yaml").write_text(entry, encoding="utf-8")
        [found] = json.loads(match("--json", "--watchlists", tmp_path / threshold, text).stdout)["matches"]
        assert (found["score"], {found["tier"]}) == (int(score), FATES[fate])


def test_the_guide_explains_near_misses_by_codes_that_exist() -> None:
    explained = re.findall(
        r"^\| `([a-z-]+)` \|", GUIDE.partition("### Why did it not ring?")[2].partition("##")[0], re.MULTILINE
    )
    assert len(explained) >= 10
    assert [code for code in explained if not has_text(f"reason.{code}")] == []


def test_the_guide_shows_near_misses_as_the_terminal_does(guide: Path) -> None:
    text, shown = re.findall(r'--near "(.*?)"\n(.*?)\n\n\|', GUIDE, re.DOTALL)[0]
    said = match("--near", "--watchlists", guide, text).stdout
    assert [line.strip() for line in shown.splitlines()] == [line.strip() for line in said.splitlines()]


def test_a_file_of_another_encoding_is_read_and_told(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    for encoding, told in (("utf-16", ""), ("cp1252", "is not UTF-8"), ("utf-8-sig", "")):
        file.write_text("Selon Aldébert Quincampoix, rien", encoding=encoding)
        said = match("--json", "--watchlists", folder, "--file", file)
        assert [found["text"] for found in json.loads(said.stdout)["matches"]] == ["Aldébert Quincampoix"]
        assert told in said.stderr
    file.write_bytes(b"PK\0\1")
    with pytest.raises(UsageError, match="is no text"):
        match("--watchlists", folder, "--file", file)
