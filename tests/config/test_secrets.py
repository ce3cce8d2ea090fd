"""What of the feeds is secret, from the file to the lines that people see."""

from __future__ import annotations

from pathlib import Path

from bot.config import load
from bot.logs import redacted
from bot.model import Feed
from bot.net import redact_url


def read(folder: Path, feeds: str, environ: dict[str, str]) -> tuple[Feed, ...]:
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "feeds.yaml").write_text(feeds)
    (folder / "guetteur.yaml").write_text("watchlists: watchlists\n")
    return load(folder / "guetteur.yaml", environ, need_token=False).feeds


def test_what_the_environment_puts_behind_a_host_and_what_headers_hold_is_shown_nowhere(tmp_path: Path) -> None:
    feeds = (
        "- https://${THE_HOST}/${PATH_KEY}/rss?x=${QUERY_KEY}\n"
        "- ${WHOLE_URL}\n"
        "- {url: 'https://reader:${PASSPHRASE}@pw.example/', headers: {Authorization: Bearer h3ad3r-key}}\n"
        "- {url: 'https://plain.example/', headers: {Accept-Language: 'fr-FR,fr', X-Key: \"${HEADER_KEY}\"}}\n"
    )
    environ = {
        "THE_HOST": "harbour.example",
        "PATH_KEY": "p4th-k3y",
        "QUERY_KEY": "qu3ry/k3y",
        "WHOLE_URL": "https://whole.example/wh0le/k3y.rss?a=1",
        "PASSPHRASE": "p4ssphr4se",
        "HEADER_KEY": "x-h34der",
    }
    shown = [redact_url(feed.url) for feed in read(tmp_path, feeds, environ)]
    assert shown[:2] == ["https://harbour.example/…/rss?x=…", "https://whole.example…"]
    hidden = ["p4th-k3y", "qu3ry/k3y", "qu3ry%2Fk3y", "/wh0le/k3y.rss", "p4ssphr4se", "h3ad3r-key", "x-h34der"]
    said = redacted(f"harbour.example, {hidden}, https://whole.example/wh0le/k3y.rss?a=1, fr-FR,fr")
    assert [secret for secret in hidden if secret in said] == ["/wh0le/k3y.rss"]
    assert "https://whole.example[secret]" in said
    assert "harbour.example" in said
    assert "fr-FR,fr" in said


def test_an_id_that_is_made_of_an_address_holds_no_key_and_outlives_it(tmp_path: Path) -> None:
    feeds = "- https://harbour.example/${PATH_KEY}/rss\n- {url: '${WHOLE_URL}'}\n"
    whole = "https://whole.example/wh0le-k3y"
    environ = {"PATH_KEY": "p4th-k3y", "WHOLE_URL": whole}
    ids = [feed.id for feed in read(tmp_path, feeds, environ)]
    assert ids == ["harbour.example-path_key-rss", "whole_url"]
    later = read(tmp_path, feeds, environ | {"PATH_KEY": "n3w-k3y"})
    assert [feed.id for feed in later] == ids


def test_tokens_and_passwords_of_the_settings_are_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "feeds.yaml").write_text("- https://plain.example/rss\n")
    (tmp_path / "guetteur.yaml").write_text(
        "telegram: {token: 'an-odd-token', webhook: {url: 'https://b.example', secret: w3bhook}}\n"
        "storage: {url: 'postgresql://anna:pg%2Fs3cret@db.example/news'}\n"
        "network: {proxy: 'http://anna:pr0xy-key@proxy.example:3128', telegram_proxy: 'http://proxy.example:3128'}\n"
        "web: {password: 'd4shboard \"key\"'}\nwatchlists: watchlists\n"
    )
    load(tmp_path / "guetteur.yaml", {})
    hidden = [
        "an-odd-token",
        "w3bhook",
        "pg%2Fs3cret",
        "pg/s3cret",
        "pr0xy-key",
        'd4shboard "key"',
        r"d4shboard \"key\"",
    ]
    assert [secret for secret in hidden if redacted(f"said {secret}.") != "said [secret]."] == []
    assert redacted("anna at proxy.example:3128, db.example") == "anna at proxy.example:3128, db.example"
