"""Markdown as one HTML file that needs no network."""

import base64
from html import escape
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

from mmsca.comparison.markdown import anchor

STYLE = """\
body {font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem
  auto; padding: 0 1rem; color: #222}
table {border-collapse: collapse; margin: 1rem 0; display: block;
  overflow-x: auto}
th, td {padding: .3rem .8rem; border-bottom: 1px solid #ddd;
  white-space: nowrap}
th:first-child, td:first-child {white-space: normal; min-width: 8rem;
  text-align: left; position: sticky; left: 0; background: #fff}
thead th {border-bottom: 2px solid #888}
tbody tr:hover td {background: #f3f6fa}
td a {color: inherit; text-decoration-color: #bbb}
img {max-width: 100%; height: auto}
h4 {margin: 1rem 0 0; font-weight: normal; color: #555}
:target {background: #fff3c4}
pre {background: #f5f5f5; padding: .8rem; margin: .3rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85em}"""


def write_page(title: str, text: str, folder: Path, file: Path) -> None:
    """Write the page.

    Args:
        title (str): Of the page.
        text (str): Markdown; pictures become part of the page.
        folder (Path): Paths of pictures are relative to it.
        file (Path): HTML to write.
    """
    parser = MarkdownIt('commonmark', dict(html=False)).enable('table')
    tokens = parser.parse(text)
    for opened, inline in zip(tokens, tokens[1:], strict=False):
        if opened.type == 'heading_open':
            opened.attrSet('id', anchor(inline.content))
        for child in inline.children or ():
            if child.type == 'image':
                picture = folder / unquote(child.attrs['src'])
                content = base64.b64encode(picture.read_bytes()).decode()
                child.attrs['src'] = f'data:image/png;base64,{content}'
    body = parser.renderer.render(tokens, parser.options, {})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><style>{STYLE}</style></head>\n'
        f'<body>{body}</body></html>\n',
        encoding='utf-8',
    )
