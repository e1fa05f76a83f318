"""The site in a browser: by keyboard, on a phone, on paper, and for those who cannot see it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: A page with every kind of badge, a ledger, figures and a review record, whatever the site shows.
SAMPLE = "posts/sample.html"
POST = "posts/acupuncture-pain-management.html"
REVIEWS = (f"_review/{SAMPLE}", f"_review/{POST}", "_review/index.html")
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, and a sample page in it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    post = (folder / "docs" / POST).with_suffix(".md").read_text(encoding="utf-8")
    # The review record of the post, so that the sample has one too.
    front = post[: post.index("\n---\n") + 5]
    (folder / "docs" / SAMPLE).with_suffix(".md").write_text(front + PAGE, encoding="utf-8")
    # What the sample is compared with.
    git = ["git", "-C", folder, "-c", "user.name=E", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "docs"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *arguments], check=True)
    with (folder / "docs" / SAMPLE).with_suffix(".md").open("a", encoding="utf-8") as sample:
        sample.write(WRONG)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-c", ROOT]
    settings = ["-D", "acuext_gate=report", "-D", "acuext_evidence=docs/evidence.toml"]
    settings += ["-D", "acuext_since=HEAD"]
    subprocess.run([*command, *settings, folder / "docs", folder / "html"], check=True)
    return folder / "html"


PAGE = """
# A sample

Acupuncture probably reduces attacks {evidence}`migraine-prevention`.
It may reduce pain slightly {evidence}`back-pain-usual-care`.
It is uncertain whether it reduces pain {evidence}`back-pain-who-two-weeks`.
A pooled analysis found less pain {evidence}`pain-no-acupuncture`.

```{evidence-plot} pain-no-acupuncture-by-condition pain-sham-by-condition
The differences from sham were smaller than those from no acupuncture.
```

```{evidence-plot} migraine-prevention migraine-sham
Attacks were at least halved in more people.
```

```{evidence-plot} harms-any harms-any-pooled harms-serious harms-collapsed-lung
:log:

Side effects, and how many people had them.
```

```{evidence-table}
```

```{consult-professional}
```
"""

#: Written after the last approved version: a finding of each level, waived words, code.
WRONG = """
Acupuncture is proven to cure endogenous pain, as studies show, and it relieves it.

% acuext: ignore ACU110 until 2099-02-01 -- as tradition tells it

It lets qi flow through the body.

- A list item that works always.

| Who | What |
|---|---|
| Ann | It always works |

```python
print("a very long line of code that is longer than a telephone is wide, by far and more")
```
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(NAMES)} is on PATH; `make test-all` installs Chromium")
    with sync_playwright() as driver:
        # The sandbox needs rights that containers do not give, and there is no graphics card.
        started = driver.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def addresses(site: Path) -> list[str]:
    """Every page of the site, and of the review pages some that have all there is to see."""
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    read = [path for path in pages if "_review" not in path.parts]
    return sorted(path.as_uri() for path in [*read, *(site / name for name in REVIEWS)])


def test_a_badge_opens_by_keyboard_and_asks_nobody(site: Path, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / SAMPLE).as_uri())
    badge = page.get_by_role("button", name="Evidence certainty: Moderate. Show why.").first
    card = page.locator(f"#{badge.get_attribute('popovertarget')}")
    badge.focus()
    assert not card.is_visible()
    page.keyboard.press("Enter")
    assert card.is_visible()
    page.keyboard.press("Tab")
    assert card.locator(":focus").count() == 1
    box, button = card.bounding_box(), badge.bounding_box()
    assert box
    assert button
    # It stands beside the badge and hides no part of it.
    gap = min(
        abs(box["y"] - button["y"] - button["height"]), abs(button["y"] - box["y"] - box["height"])
    )
    assert gap < 16
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert badge.evaluate("node => node === document.activeElement")
    assert button["height"] >= 24
    assert button["width"] >= 24
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Close").click()
    assert not card.is_visible()
    assert [url for url in asked if not url.startswith("file:")] == []


def test_without_scripts_a_badge_opens_too(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto((site / SAMPLE).as_uri())
    opened.locator(".acuext-badge").first.click()
    assert opened.locator(".acuext-card").first.is_visible()
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_no_page_scrolls_sideways_on_a_phone(site: Path, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    wide = {}
    for address in addresses(site):
        page.goto(address)
        inner = page.evaluate("document.documentElement.scrollWidth")
        if inner > width:
            wide[address] = inner
    assert wide == {}


def test_on_a_phone_a_card_comes_from_below_and_tables_are_cards(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((site / SAMPLE).as_uri())
    page.locator(".acuext-badge").first.click()
    box = page.locator(".acuext-card").first.bounding_box()
    assert box
    assert round(box["width"]) == 390
    assert round(box["y"] + box["height"]) == 800
    page.keyboard.press("Escape")
    for name in ("acuext-table", "acuext-plot"):
        table = page.locator(f".{name}").first
        assert table.evaluate("node => node.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator(".acuext-label").first.is_visible()


def test_on_paper_badges_are_words_and_what_they_open_is_printed(site: Path, page: Page) -> None:
    page.goto((site / SAMPLE).as_uri())
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="Evidence used on this page").is_visible()
    cards = page.locator(".acuext-card")
    assert cards.count() == 4
    for number in range(4):
        assert cards.nth(number).is_visible()
    assert not page.locator(".acuext-close").first.is_visible()
    page.emulate_media(media="screen")
    assert not page.get_by_role("heading", name="Evidence used on this page").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(site: Path, browser: Browser, theme: str) -> None:
    opened = browser.new_page(color_scheme=theme)  # type: ignore[arg-type]
    axe = Axe()
    found: dict[str, list[str]] = {}
    for address in addresses(site):
        opened.goto(address)
        check(axe, opened, address, found)
    # An open card is part of the page as well.
    opened.goto((site / SAMPLE).as_uri())
    for badge in opened.locator(".acuext-badge").all():
        badge.click()
        check(axe, opened, badge.get_attribute("popovertarget") or "", found)
        opened.keyboard.press("Escape")
    opened.close()
    assert found == {}


def test_an_editor_goes_from_word_to_card_to_source_by_keyboard(site: Path, page: Page) -> None:
    page.goto((site / f"_review/{SAMPLE}").as_uri())
    words = page.locator("mark a").first
    words.focus()
    page.keyboard.press("Enter")
    card = page.locator(words.get_attribute("href") or "")
    assert card.evaluate("node => node.matches(':target')")
    page.keyboard.press("Tab")
    assert card.locator(":focus").count() == 1
    card.get_by_role("link", name="Back to text").click()
    assert page.locator("mark:target").is_visible()


def test_on_a_phone_cards_stand_below_their_paragraph(site: Path, page: Page) -> None:
    for width, beside in ((1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto((site / f"_review/{SAMPLE}").as_uri())
        row = page.locator(".acuext-row", has=page.locator("mark")).first
        text = row.locator(".acuext-words").bounding_box()
        card = row.locator(".acuext-finding").first.bounding_box()
        assert text
        assert card
        assert (card["x"] > text["x"] + text["width"] - 1) == beside
        assert (card["y"] > text["y"] + text["height"] - 1) != beside


def check(axe: Axe, page: Page, what: str, found: dict[str, list[str]]) -> None:
    for violation in axe.run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            nodes = [node["html"][:200] for node in violation["nodes"][:3]]
            found.setdefault(f"{what}: {violation['id']}", []).extend(nodes)
