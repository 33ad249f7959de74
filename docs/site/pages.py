"""Brings to the site what its pages link to outside of docs/.

A page reads the same on a code host and here: README is the first page, the
READMEs of folders are pages, and linked code becomes a page that shows it.
Links are written for the repository and put right on the way.
"""

import posixpath
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
LINK = re.compile(r'(?<=\]\()(?!\w+://|#)[^)\s#]+')
LANGUAGES = {'.yaml': 'yaml', '.yml': 'yaml', '.py': 'python', '.sh': 'bash'}

# Page of the site -> file of the repository that its links start from.
sources = {}


def on_config(config):
    """Formulas become MathML, which browsers draw without a script."""
    fence = {'name': 'math', 'class': 'math', 'format': formula}
    superfences = config.mdx_configs.setdefault('pymdownx.superfences', {})
    superfences['custom_fences'] = [fence]
    return config


def formula(source, *_, **__) -> str:
    return f'<div class="formula">{convert(source, display="block")}</div>'


def on_files(files, config):
    """Adds README, what the navigation names, and all they link to."""
    waiting = ['README.md', *re.findall(r"'([^']+\.md)'", str(config.nav))]
    waiting += [f'docs/{f.src_uri}' for f in files.documentation_pages()]
    for path in waiting:  # which grows
        place = place_of(path)
        if place in sources or not (ROOT / path).exists():
            continue
        if place.endswith('.md'):
            is_folder = (ROOT / path).is_dir()
            sources[place] = f'{path}/README.md' if is_folder else path
            text = page_of(path)
            waiting += [target for target in targets(place, text).values()]
            content = dict(content=text)
        else:
            content = dict(abs_src_path=str(ROOT / path))
        if files.get_file_from_path(place) is None:
            files.append(File.generated(config, place, **content))
    return files


def on_page_markdown(markdown, page, **_) -> str:
    """Links of the repository as links of the site."""
    place = page.file.src_uri
    here = posixpath.dirname(place)
    for link, target in targets(place, markdown).items():
        if (ROOT / target).exists():
            there = posixpath.relpath(place_of(target), here)
            pattern = rf'(?<=\]\(){re.escape(link)}(?=[)\s#])'
            markdown = re.sub(pattern, there, markdown)
    return markdown


def on_page_content(html, **_) -> str:
    """Docstrings name classes as Sphinx does; here the name is enough."""
    return re.sub(r':(?:class|func|meth):(?=<code>)', '', html)


def targets(place: str, text: str) -> dict[str, str]:
    """Relative links of a page -> paths in the repository."""
    folder = posixpath.dirname(sources[place])
    return {
        link: posixpath.normpath(posixpath.join(folder, link))
        for link in LINK.findall(text)
    }


def place_of(path: str) -> str:
    """Where a file or folder of the repository is in the site."""
    if path == 'README.md':
        return 'index.md'
    place = path.removeprefix('docs/')
    if (ROOT / path).is_dir():
        has_readme = (ROOT / path / 'README.md').exists()
        return f'{place}/README.md' if has_readme else f'{place}/index.md'
    if Path(path).suffix in ('.md', '.png', '.csv'):
        return place
    return f'{place}.md'


def page_of(path: str) -> str:
    """A file or folder of the repository as a page."""
    file = ROOT / path
    if file.is_dir():
        if (file / 'README.md').exists():
            return (file / 'README.md').read_text()
        names = sorted(p.name for p in file.iterdir() if p.suffix[1:])
        return '\n'.join([f'# {path}\n', *(f'- [{n}]({n})' for n in names)])
    if file.suffix == '.md':
        return file.read_text()
    language = LANGUAGES.get(file.suffix, 'text')
    return (
        '---\nsearch:\n  exclude: true\n---\n\n'
        f'# {path}\n\n````{language}\n{file.read_text()}````\n'
    )
