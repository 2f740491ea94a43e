"""How the documentation is built: `python -m sphinx -W docs docs/_build`. Needs no network."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "glutebal"
author = "The glutebal developers"
copyright = "The glutebal developers"
release = installed_version("glutebal")
version = ".".join(release.split(".")[:2])

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_gallery.gen_gallery",
    "static_math",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "gallery/*.ipynb", "gallery/*.py", "gallery/*.zip", "**/.ipynb_checkpoints"]
templates_path = ["_templates"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "glutebal"
html_static_path = ["_static"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_scaled_image_link = False
html_theme_options = {
    "github_url": "https://github.com/glutebal/glutebal",
    "navbar_align": "left",
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}


def report_figures(block: tuple[str, str, int], block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Show what a gallery block assigns as ``name = some_figure(...)``: the report draws without pyplot."""
    names = block_vars["example_globals"]
    figures = [
        value for name, value in names.items() if isinstance(value, Figure) and f"\n{name} = " in f"\n{block[1]}"
    ]
    paths = [next(block_vars["image_path_iterator"]) for _ in figures]
    for figure, path in zip(figures, paths, strict=True):
        figure.savefig(path, dpi=120)
    return figure_rst(paths, gallery_conf["src_dir"])


suppress_warnings = ["config.cache"]  # a function among the settings cannot be cached between builds

sphinx_gallery_conf: dict[str, Any] = {
    "examples_dirs": str(Path("..") / "examples"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_\d",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("matplotlib", report_figures),
    "capture_repr": ("_repr_html_", "__repr__"),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e6,
}

# On file systems that do not tell capitals apart, `Index` and `index` would be one page.
autosummary_filename_map = {
    "glutebal.index": "glutebal.index_function",
    "glutebal.exercise": "glutebal.exercise_function",
}
