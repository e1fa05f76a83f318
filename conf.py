"""Settings of the site: the post, and the documentation of acuext. The pages are in docs/."""

import importlib.metadata
import os
import sys
from pathlib import Path

project = "acuext"
author = "The acuext authors"
version = release = importlib.metadata.version("acuext")
copyright = "2026, The acuext authors"  # noqa: A001 (Sphinx's name for it)

# Extensions of this site alone.
sys.path.insert(0, str(Path(__file__).parent / "docs" / "_ext"))

extensions = ["myst_parser", "sphinxcontrib.bibtex", "sphinx_click", "acuext", "review_of_post"]
exclude_patterns = ["_build", "build", "Thumbs.db", ".DS_Store"]
language = "en"
nitpicky = True

# -- acuext ---------------------------------------------------------------------------------------

acuext_profile = "health-page"
acuext_evidence = "docs/evidence.toml"
# The rest is documentation of the tool, which needs no notice; language rules read every page.
acuext_health_pages = ["posts/**"]
# A preview of a pull request is there to be looked at, findings and all: Read the Docs shows
# nothing of a build that fails. Branches, tags and every other machine block.
acuext_gate = "report" if os.environ.get("READTHEDOCS_VERSION_TYPE") == "external" else "block"

# The post as it was first written, for the page that shows what was found in it. The tests judge
# the same file.
review_of_post_original = "tests/seed/acupuncture.md"

# -- Markdown and references ----------------------------------------------------------------------

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "substitution"]
myst_heading_anchors = 3
# Footnotes stay where the bibliography is.
myst_footnote_sort = False
bibtex_bibfiles = ["docs/references.bib"]

# -- HTML -----------------------------------------------------------------------------------------

html_theme = "furo"
html_title = "acuext"
html_static_path = ["docs/_static"]
html_css_files = ["site.css"]
# Which address search engines shall show, of the versions that Read the Docs serves.
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
# Furo shows its parts for Read the Docs by this.
html_context = {"READTHEDOCS": os.environ.get("READTHEDOCS") == "True"}
# A page without sources beside it: each is one click away in the repository.
html_copy_source = False
html_show_sourcelink = False
