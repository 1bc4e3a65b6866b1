"""Every page renders, keeps the content security policy, and leaves no blank where a fact should stand."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError, nodes
from tests.web.design import pages, samples

PAGES = pages.all_pages()
STATIC = Path(pages.TEMPLATES).parent / "static"


class _Tags(HTMLParser):
    """Collects (tag, attributes) and the ids."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(html)
    return parser.tags


@pytest.mark.parametrize("name", PAGES)
def test_nothing_inline_that_the_policy_refuses(name: str) -> None:
    for tag, attributes in _tags(PAGES[name]):
        assert tag != "style"
        assert tag != "script" or attributes.get("src"), "an inline script"
        inline = {key for key in attributes if key == "style" or key.startswith(("on", "hx-on"))}
        assert not inline, f"{tag} has {inline}"
        for key in ("src", "href", "action"):
            assert not (attributes.get(key) or "").startswith(("http", "//", "javascript:", "data:"))


@pytest.mark.parametrize("name", PAGES)
def test_every_id_stands_once_and_every_reference_finds_it(name: str) -> None:
    tags = _tags(PAGES[name])
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in tags:
        for key in ("for", "aria-labelledby", "aria-describedby"):
            for wanted in (attributes.get(key) or "").split():
                assert wanted in ids, f"{key}={wanted}"


@pytest.mark.parametrize("name", PAGES)
def test_no_form_puts_a_word_that_was_typed_into_the_address(name: str) -> None:
    for tag, attributes in _tags(PAGES[name]):
        if tag == "form":
            assert attributes.get("method") in ("post", "dialog")


def test_our_drawings_have_no_style() -> None:
    drawings = list((STATIC / "pestle").glob("*.svg"))
    assert drawings
    for drawing in drawings:
        assert not re.search(r"style=|<style|<script", drawing.read_text())


def test_the_library_that_the_pages_name_is_there() -> None:
    from tests.web.design.site import _htmx

    for html in PAGES.values():
        for tag, attributes in _tags(html):
            path = attributes.get({"script": "src", "link": "href"}.get(tag, ""))
            if path:
                inside = path.removeprefix("/static/")
                assert (STATIC / inside).is_file() or (_htmx() / inside).is_file(), path


def test_a_name_that_does_not_exist_stops_the_page() -> None:
    env = pages.page_environment()
    with pytest.raises(UndefinedError):
        env.from_string("{{ patient.alergies }}").render(patient=samples.ADA)
    with pytest.raises(UndefinedError):
        env.from_string("{% if patient.alergies %}{% endif %}").render(patient=samples.ADA)


def test_every_piece_is_taken_from_where_it_is_written() -> None:
    parsed = {
        str(path.relative_to(pages.TEMPLATES)): pages.page_environment().parse(path.read_text())
        for path in Path(pages.TEMPLATES).rglob("*.jinja")
    }
    written = {name: {macro.name for macro in tree.find_all(nodes.Macro)} for name, tree in parsed.items()}
    taken = [
        (name, one.template.value, piece if isinstance(piece, str) else piece[0])  # type: ignore[attr-defined]
        for name, tree in parsed.items()
        for one in tree.find_all(nodes.FromImport)
        for piece in one.names
    ]
    ours = [one for one in taken if one[1] in written]
    assert len(ours) > len(parsed)
    assert [one for one in ours if one[2] not in written[one[1]]] == []


def test_none_stops_the_page_and_a_word_for_it_does_not() -> None:
    env = pages.page_environment()
    with pytest.raises(UndefinedError, match="not known"):
        env.from_string("{{ weight }}").render(weight=None)
    assert env.from_string("{{ weight or 'not recorded' }}").render(weight=None) == "not recorded"


def test_what_a_person_typed_is_never_markup() -> None:
    html = (
        pages.page_environment()
        .from_string('{% from "components/feedback.jinja" import empty_state %}{{ empty_state(title, "x") }}')
        .render(title="<script>alert(1)</script>")
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_four_allergy_states_differ_in_word_and_icon() -> None:
    module = pages.page_environment().get_template("components/patient.jinja").module
    from django.utils import timezone

    with timezone.override(pages.LONDON):
        shown = [str(module.allergies(record)) for record in samples.ALLERGY_STATES]  # type: ignore[attr-defined]
    icons = {re.search(r"<svg.*?</svg>", html, re.S).group() for html in shown}  # type: ignore[union-attr]
    assert len(icons) == 4
    for html, words in zip(
        shown,
        ("Known allergies", "No known allergies", "Allergies not recorded", "Allergies unavailable"),
        strict=True,
    ):
        assert f"<strong>{words}</strong>" in html
    assert "Penicillin: rash" in shown[0]
    assert "Tess Okafor, 09-Jul-2026 11:55" in shown[1]


def test_the_banner_keeps_the_order_of_the_standard() -> None:
    text = re.sub(r"<[^>]+>", " ", PAGES["work"])
    banner = " ".join(text[text.index("OKONKWO, Ada (Mrs)") :].split())
    wanted = "OKONKWO, Ada (Mrs) Born 02-Mar-1965 (61y) Gender Female NHS No. 943 476 5919 Known allergies"
    assert banner.startswith(wanted)


def test_the_banner_of_one_who_died_gives_the_age_at_death_without_parentheses() -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", PAGES["died"]).split())
    assert "Born 02-Mar-1965 Died 30-Jun-2026 Age at death 61y Gender Female" in text
    assert "(61y)" not in text
    assert "pt-banner--died" in PAGES["died"]


def test_a_medication_line_keeps_the_order_and_cuts_nothing() -> None:
    module = pages.page_environment().get_template("components/medication.jinja").module
    html = str(
        module.medication_line(  # type: ignore[attr-defined]
            "Amoxicillin", brand="Amoxil", strength="500 mg", form="capsule", dose="1 capsule",
            duration="7 days", route="by mouth", frequency="three times a day",
        )
    )  # fmt: skip
    text = " ".join(re.sub(r"<[^>]+>", "", html).replace("\u00a0", " ").replace("&nbsp;", " ").split())
    assert text == (
        "amoxicillin – AMOXIL – 500 mg – capsule – DOSE 1 capsule – 7 days – by mouth – three times a day"
    )


def test_a_refusal_names_rule_place_reason_and_way_out() -> None:
    refusal = samples.REFUSALS[0]
    for words in (refusal.rule, refusal.reason, refusal.place, refusal.way_out):
        assert words is not None
        assert words in PAGES["components"]


def test_findings_say_word_shape_facts_and_what_was_not_assessed() -> None:
    html = unescape(PAGES["work"])
    for finding in samples.FINDINGS:
        assert finding.severity.word in html
        assert finding.what in html
        assert finding.do in html
        assert finding.because in html
        for fact in finding.why:
            assert fact.text in html
    assert "Unverified" in html
    places = [html.index(finding.what) for finding in samples.FINDINGS]
    assert places == sorted(places)


def test_no_letter_is_declared_for_a_button() -> None:
    for html in PAGES.values():
        for tag, attributes in _tags(html):
            assert "data-key" not in attributes or tag == "a"
